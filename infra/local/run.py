#!/usr/bin/env python3
"""Brings the whole service up on this machine, keeps it up or runs one command against it, and takes it down."""

import argparse
import json
import os
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / "target" / "venv"

if not (VENV / "bin" / "python").exists():
    sys.exit(f"{VENV} is missing; install what the local run needs with `make setup`.")
if not os.path.samefile(sys.prefix, VENV):
    os.execv(VENV / "bin" / "python", [str(VENV / "bin" / "python"), __file__, *sys.argv[1:]])

from botocore.exceptions import BotoCoreError, ClientError  # noqa: E402

import faults  # noqa: E402
import handset  # noqa: E402
from deploy import deploy  # noqa: E402
from emulator import emulator  # noqa: E402
from failure import Failure  # noqa: E402
from processes import listen, running  # noqa: E402
from seed import seed, seed_file, seed_permits  # noqa: E402

SETTINGS = ROOT / "infra" / "settings.json"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--emulator-port", type=int, default=4566)
    parser.add_argument("--handset-port", type=int, default=4580)
    parser.add_argument("--out", type=Path, default=ROOT / "target" / "local.json",
                        help="where to write the addresses and credentials")
    parser.add_argument("--no-seed", action="store_true", help="file no sample notices and permits")
    parser.add_argument("--faults", action="store_true",
                        help="put fault proxies between the functions and AWS, and let a test move their clock")
    parser.add_argument("command", nargs="*", metavar="COMMAND",
                        help="run this against the stack, then take it down and exit with its code (after --)")
    return parser.parse_args()


def write_private(path: Path, content: dict) -> None:
    """Write the JSON for its owner's eyes only, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file, ensure_ascii=False, indent=2)
        file.write("\n")
    fresh.replace(path)


def tell(local: dict, seeded: int, permits: int, batch: str | None, out: Path, seconds: float) -> None:
    """Say where everything is."""
    print(f"""
Tongji is up after {seconds:.1f} s.

  Handset (residents' phones and mailboxes)   {local['handset']}
  API                                         {local['api']}/v1/notices
  API for a browser                           {local['api_host']}/v1/notices
  Emulator                                    {local['emulator']}
  Addresses and credentials for programs      {out}
  Sample notices filed                        {seeded}
  Sample permits filed                        {permits}, and their holders reminded
  Sample file of notices                      {f"{local['api']}/v1/batches/{batch}" if batch else "none"}

Texts go out at any hour here, whatever sending_hours in infra/settings.json say.
Ctrl-C stops everything.
""", flush=True)


def stay(parts: dict) -> int:
    """Wait for a signal; a failure as soon as one of the parts has ended by itself."""
    while True:
        for name, process in parts.items():
            if process.poll() is not None:
                raise Failure(f"The {name} ended by itself with code {process.returncode}; its log is under target/local/.")
        time.sleep(1)


def run(options: argparse.Namespace, stack: ExitStack) -> int:
    started = time.monotonic()
    out = options.out.resolve()
    folder = ROOT / "target" / "local" / str(options.emulator_port)
    public = f"http://localhost:{options.handset_port}"

    web = stack.enter_context(listen(options.handset_port, "handset"))
    smtp = stack.enter_context(listen(0, "handset's mail"))
    aws_url, ses_url = (f"http://127.0.0.1:{port}" for port in (options.emulator_port, options.handset_port))
    world = stack.enter_context(faults.world(aws_url, ses_url, folder)) if options.faults else None
    if world:
        aws_url, ses_url = world.aws, world.mail
    cloud = stack.enter_context(emulator(
        options.emulator_port, smtp.getsockname()[1], aws_url, ses_url, folder, world.environment if world else {}))
    # Only now are the ports ours, and with them the file: before, it may describe a stack that runs.
    out.unlink(missing_ok=True)
    stack.callback(out.unlink, missing_ok=True)
    phone = stack.enter_context(running(
        handset.command(web, smtp, cloud.endpoint, out), log=folder / "handset.log",
        cwd=Path(__file__).parent, pass_fds=(web.fileno(), smtp.fileno())))
    cloud.wait_until_healthy()
    stack.callback(cloud.save_logs, folder / "functions.log")
    local = deploy(cloud, ROOT, public) | ({"faults": world.description()} if world else {})
    scanner = stack.enter_context(running(
        [sys.executable, "scanner.py", cloud.endpoint, local["outputs"]["SubmissionBucketName"],
         local["outputs"]["CheckQueueUrl"]], log=folder / "scanner.log", cwd=Path(__file__).parent))
    write_private(out, local)
    seeded = 0 if options.no_seed else seed(local, SETTINGS)
    permits = 0 if options.no_seed else seed_permits(local, SETTINGS)
    batch = None if options.no_seed else seed_file(local)
    if permits:
        # Not to wait for the morning.
        cloud.client("lambda").invoke(FunctionName=local["outputs"]["NotifyRenewalsName"], Payload=b'{"remind":true}')
    seconds = time.monotonic() - started
    if not options.command:
        tell(local, seeded, permits, batch, out, seconds)
        return stay({"emulator": cloud.process, "handset": phone, "scanner": scanner})
    print(f"The stack is up after {seconds:.1f} s; running the command against it.", flush=True)
    with running(options.command, env=os.environ | {"TONGJI_LOCAL": str(out)}) as command:
        return command.wait()


def main() -> int:
    def leave(number, _frame):
        for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(other, signal.SIG_IGN)  # the way down is not interrupted again
        sys.exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    options = arguments()
    try:
        with ExitStack() as stack:
            return run(options, stack)
    except Failure as failure:
        print(failure, file=sys.stderr)
    except (BotoCoreError, ClientError) as error:
        print(f"The emulator did not do its part: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
