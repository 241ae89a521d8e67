"""The moved clock: the wall clock follows the file, at once and for what runs already; the monotonic one does not."""

import os
import subprocess
import sys
import time

import faults

LOOK = """
import sys, time
def lead(): return round(-float(sys.stdin.readline()) + time.time())
start = time.monotonic()
print(lead(), flush=True)
print(lead(), time.monotonic() - start < 3000, flush=True)
"""


def test_a_running_process_sees_the_clock_move(tmp_path):
    clock, shim = tmp_path / "clock", tmp_path / "clock.so"
    clock.write_bytes(bytes(8))
    faults.compile_shim(shim)
    told = os.environ | {"LD_PRELOAD": str(shim), "TONGJI_CLOCK": str(clock)}
    with subprocess.Popen([sys.executable, "-c", LOOK], env=told, text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert asked(process) == "0"
        with clock.open("r+b") as file:
            file.write((3 * 86400).to_bytes(8, sys.byteorder, signed=True))
        assert asked(process) == "259200 True"


def asked(process) -> str:
    """What the process says when it is told our time."""
    process.stdin.write(f"{time.time()}\n")
    process.stdin.flush()
    return process.stdout.readline().strip()
