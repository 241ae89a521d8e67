"""A world that misbehaves on demand: fault proxies between the functions and AWS, and a wall clock that can be moved."""

import json
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from pathlib import Path

from failure import Failure
from processes import listen, running

START_SECONDS = 30
SHIM = Path(__file__).with_name("clock.c")
PROXY = Path(__file__).with_name("fault_proxy.py")


class World:
    """Where the functions find AWS and mail, and what the emulator and the functions are told about the time."""

    def __init__(self, aws: str, mail: str, files: str, clock: Path, shim: Path):
        self.aws, self.mail = aws, mail
        self._clock = clock
        # S3 alone checks what a request was signed for, its address included: no proxy can stand before it.
        self.environment = {"TONGJI_CLOCK": str(clock), "LD_PRELOAD": str(shim), "AWS_ENDPOINT_URL_S3": files}

    def description(self) -> dict:
        """What a test needs to misbehave: the proxies' addresses, and the file that holds the clock's lead in seconds."""
        return {"aws": self.aws, "mail": self.mail, "clock": str(self._clock)}


@contextmanager
def world(aws: str, mail: str, folder: Path):
    """Run a fault proxy before each of the two addresses until the block ends. They pass everything on until told not to."""
    folder.mkdir(parents=True, exist_ok=True)
    clock, shim = folder / "clock", folder / "clock.so"
    clock.write_bytes(bytes(8))
    compile_shim(shim)
    with ExitStack() as stack:
        yield World(*(stack.enter_context(proxy(upstream, folder / f"faults-{name}.log"))
                      for name, upstream in (("aws", aws), ("mail", mail))), aws, clock, shim)


def compile_shim(shim: Path) -> None:
    """The library that moves a process's clock; any machine that links Rust can build it."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise Failure("cc is missing, which links Rust and builds the clock: apt-get install gcc.")
    built = subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", shim, SHIM], capture_output=True, text=True)
    if built.returncode != 0:
        raise Failure(f"{SHIM} could not be compiled: {built.stderr.strip()}")


@contextmanager
def proxy(upstream: str, log: Path):
    """Run microburst before `upstream`; its address."""
    log.unlink(missing_ok=True)
    with listen(0, "fault proxy") as free:
        port = free.getsockname()[1]
    command = [sys.executable, PROXY, "--upstream", upstream, "--port", str(port)]
    with running(command, log=log) as process:
        address = f"http://127.0.0.1:{port}"
        wait_until_healthy(address, process, log)
        yield address


def wait_until_healthy(address: str, process, log: Path) -> None:
    """Return when the proxy answers; a failure if it ends first or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_microburst/health", timeout=2) as answer:
                json.load(answer)
                return
        except (urllib.error.URLError, OSError, ValueError):
            time.sleep(0.1)
    raise Failure(f"A fault proxy did not start; {log} says why.")
