"""Runs one command and takes every process it left behind along when it, or whoever started it, ends.

The emulator starts function workers, tests start browsers, and those start more. Killing a process group misses
whatever opened a session of its own, so this small parent adopts orphans (PR_SET_CHILD_SUBREAPER) and ends them all.
Usage: guard.py STARTER_PID COMMAND [ARGUMENT...]
"""

import ctypes
import os
import signal
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
GRACE_SECONDS = 3.0
WATCHED = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent(by: signal.Signals) -> None:
    """Ask the kernel to send `by` to this process when its parent ends."""
    LIBC.prctl(PR_SET_PDEATHSIG, int(by), 0, 0, 0)


def children() -> list[int]:
    """The process ids whose parent is this process."""
    own, found = os.getpid(), []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text(errors="replace").rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue
        if parent == own:
            found.append(int(stat.parent.name))
    return found


def reap(pid: int) -> int | None:
    """Collect everything that has ended; the exit code of `pid` if it was among it."""
    code = None
    while True:
        try:
            ended, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return code
        if ended == 0:
            return code
        if ended == pid:
            code = os.waitstatus_to_exitcode(status)


def run(command: list[str]) -> int:
    """Start the command, wait for its end or for a signal to end it; its exit code, as a shell would give it."""
    pid = os.fork()
    if pid == 0:
        die_with_parent(signal.SIGKILL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
        try:
            os.execvp(command[0], command)
        except OSError as error:
            print(f"{command[0]} cannot be started: {error.strerror}", file=sys.stderr)
            os._exit(127)
    code, deadline = None, None
    while code is None and (deadline is None or time.monotonic() < deadline):
        seen = signal.sigtimedwait(WATCHED, 1.0 if deadline is None else 0.1)
        if seen is not None and seen.si_signo != signal.SIGCHLD and deadline is None:
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + GRACE_SECONDS
        code = reap(pid)
    while left := children():
        for process in left:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.02)
        killed = reap(pid)
        code = killed if code is None else code
    return 128 - code if code is not None and code < 0 else code or 0


def main() -> int:
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    die_with_parent(signal.SIGTERM)
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if os.getppid() != int(sys.argv[1]):
        return 1
    return run(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
