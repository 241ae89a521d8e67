"""Nothing that a guarded command started may outlive it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

GUARD = Path(__file__).resolve().parents[1] / "guard.py"
# A child in a session of its own, as browsers and daemons have, that no process group would catch.
ORPHAN = "setsid sh -c 'echo $$ > {file}; exec sleep 60' & while [ ! -s {file} ]; do sleep 0.02; done; {then}"


def guarded(*command: str, starter: int | None = None) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, str(GUARD), str(starter or os.getpid()), *command])


def appears(file: Path) -> int:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if file.exists() and file.read_text().strip():
            return int(file.read_text())
        time.sleep(0.02)
    raise AssertionError("the child never started")


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("code", [0, 7])
def test_exit_code_is_the_commands(code):
    assert guarded("sh", "-c", f"exit {code}").wait(10) == code


def test_a_command_that_is_not_there_is_told_as_a_shell_tells_it():
    assert guarded("/nowhere/at/all").wait(10) == 127


def test_what_the_command_left_behind_is_ended(tmp_path):
    file = tmp_path / "pid"
    assert guarded("sh", "-c", ORPHAN.format(file=file, then="exit 3")).wait(10) == 3
    assert gone(appears(file))


def test_a_signal_ends_the_command_and_all_it_started(tmp_path):
    file = tmp_path / "pid"
    guard = guarded("sh", "-c", ORPHAN.format(file=file, then="sleep 60"))
    orphan = appears(file)
    guard.send_signal(signal.SIGTERM)
    assert guard.wait(10) == 128 + signal.SIGTERM
    assert gone(orphan)


def test_the_starters_death_ends_everything(tmp_path):
    file = tmp_path / "pid"
    script = (f"import os, subprocess, sys; subprocess.Popen([sys.executable, {str(GUARD)!r}, str(os.getpid()), 'sh', '-c', "
              f"{ORPHAN.format(file=file, then='sleep 60')!r}]).wait()")
    starter = subprocess.Popen([sys.executable, "-c", script])
    orphan = appears(file)
    starter.kill()
    starter.wait()
    assert gone(orphan)
