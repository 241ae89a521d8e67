"""Starts the processes of the local run so that none of them outlives it."""

import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from failure import Failure

GUARD = Path(__file__).with_name("guard.py")
STOP_SECONDS = 10


@contextmanager
def running(command, *, log=None, env=None, cwd=None, pass_fds=()):
    """Run `command` under a guard until the block ends; its output goes to the file `log`, or to this terminal.

    The guard's own environment and descriptors are the command's. Yields the guard's `Popen`, whose exit code is
    the command's.
    """
    output = log.open("ab") if log else None
    process = subprocess.Popen(
        [sys.executable, "-S", "-E", str(GUARD), str(os.getpid()), *map(str, command)],
        stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT if output else None,
        env=env, cwd=cwd, pass_fds=pass_fds, start_new_session=True,
    )
    if output:
        output.close()
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def listen(port: int, what: str) -> socket.socket:
    """A listening socket on this machine's loopback; `what` names the server in the sentence about a taken port."""
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind(("127.0.0.1", port))
    except OSError as error:
        server.close()
        raise Failure(f"Port {port} for the {what} is not free ({error.strerror}); "
                      "stop what uses it or choose another with --emulator-port or --handset-port.") from None
    server.listen(128)
    return server
