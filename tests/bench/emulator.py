#!/usr/bin/env python3
"""Runs a command beside the emulator's DynamoDB, with the template's table in it; `{}` in the command is its address."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "infra" / "local"))

from bundle import parsed  # noqa: E402
from emulator import emulator  # noqa: E402
from failure import Failure  # noqa: E402
from processes import running  # noqa: E402

TABLE = "bench"


def table() -> dict:
    """The table as the template has it, without what has no bearing on speed."""
    properties = parsed(ROOT / "infra" / "template.yaml")["Resources"]["Table"]["Properties"]
    kept = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    stream = properties["StreamSpecification"] | {"StreamEnabled": True}
    return {name: properties[name] for name in kept} | {"TableName": TABLE, "StreamSpecification": stream}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=4610)
    parser.add_argument("--folder", type=Path, default=ROOT / "target" / "bench" / "emulator")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    url = f"http://127.0.0.1:{options.port}"
    try:
        # Nothing is mailed, and every call is the bench's own.
        with emulator(options.port, options.port, url, url, options.folder, {"AUTH": "false"}) as here:
            here.wait_until_healthy()
            here.client("dynamodb").create_table(**table())
            with running([part.replace("{}", url) for part in command]) as process:
                return process.wait()
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
