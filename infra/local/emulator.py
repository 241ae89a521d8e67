"""Starts the AWS emulator with IAM enforced, on this machine's loopback only, with all its files under target/."""

import json
import os
import shutil
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from failure import Failure
from processes import listen, running

REGION = "ap-northeast-2"
START_SECONDS = 60
# The emulator's own root caller; a function gets its role's temporary credentials instead.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


def client_at(endpoint: str, service: str):
    """A client for one AWS service of the emulator at this address."""
    session = boto3.session.Session(
        region_name=REGION, aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"])
    return session.client(
        service, endpoint_url=endpoint,
        config=Config(retries={"total_max_attempts": 1}, read_timeout=120, s3={"addressing_style": "path"}))


class Emulator:
    """The running emulator: where it is, and clients for its services."""

    def __init__(self, port: int, log: Path, process):
        self.url = f"http://localhost:{port}"
        self.endpoint = f"http://127.0.0.1:{port}"
        self.log = log
        self.process = process

    def client(self, service: str):
        """A client for one AWS service of the emulator."""
        return client_at(self.endpoint, service)

    def alive(self) -> bool:
        """Whether the emulator's process still runs."""
        return self.process.poll() is None

    def save_logs(self, file: Path) -> None:
        """Write what the functions logged to a file, so that it outlives the emulator; nothing if it is gone.

        SNS's own groups are left out: they tell of telephones by name, and are kept short and under their own key."""
        if not self.alive():
            return
        logs = self.client("logs")
        with file.open("w", encoding="utf-8") as out:
            try:
                groups = logs.get_paginator("describe_log_groups").paginate().search("logGroups[].logGroupName")
                for group in (group for group in groups if not group.startswith("sns/")):
                    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
                    for line in pages.search("events[].message"):
                        out.write(f"{group.rpartition('/')[2]}: {(line or '').rstrip()}\n")
            except (BotoCoreError, ClientError) as error:
                out.write(f"the logs could not be read to their end: {error}\n")

    def wait_until_healthy(self) -> None:
        """Return when the emulator answers; a failure if it ends first or takes too long."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if not self.alive():
                raise Failure(f"The emulator ended while starting; {self.log} says why.")
            try:
                with urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=2) as answer:
                    json.load(answer)
                    return
            except (urllib.error.URLError, OSError, ValueError):
                time.sleep(0.1)
        raise Failure(f"The emulator did not answer within {START_SECONDS} s; {self.log} says why.")


def environment(port: int, smtp_port: int, aws_url: str, ses_url: str, scratch: Path) -> dict[str, str]:
    """Everything the emulator is told; functions inherit it, so nothing of this shell's own settings gets in."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "USER") if name in os.environ}
    return kept | CREDENTIALS | {
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(scratch),
        "STATE_DIR": str(scratch / "state"),
        "S3_DATA_DIR": str(scratch / "s3"),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "SMTP_HOST": f"127.0.0.1:{smtp_port}",
        # Where functions find AWS. An address, not a name: the SDKs then put the bucket in the path, which needs no DNS.
        "AWS_ENDPOINT_URL": aws_url,
        # SES goes by way of the handset, which keeps each mail whole: the emulator relays neither headers nor attachments.
        "AWS_ENDPOINT_URL_SESV2": ses_url,
    }


@contextmanager
def emulator(port: int, smtp_port: int, aws_url: str, ses_url: str, folder: Path, told: dict[str, str]):
    """Run the emulator until the block ends; `folder` keeps its log, its scratch files go. `told` is told besides."""
    listen(port, "emulator").close()
    scratch, log = folder / "scratch", folder / "emulator.log"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    log.unlink(missing_ok=True)
    command = [sys.executable, "-m", "ministack.app"]
    try:
        known = environment(port, smtp_port, aws_url, ses_url, scratch) | told
        with running(command, log=log, env=known, cwd=scratch) as process:
            yield Emulator(port, log, process)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
