#!/usr/bin/env python3
"""Hands a year of made-up notices in as one file, and shows how the running stack takes it and what that saves."""

import argparse
import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "infra" / "local"), str(ROOT / "tests" / "year")]

from batches import asked, handed_in, watched  # noqa: E402
from failure import Failure  # noqa: E402
from seed import token  # noqa: E402
from year import written  # noqa: E402

WIDTH = 40
SETTLED_SECONDS = 3.0


def bar(share: float, done: int, what: str, seconds: float) -> str:
    """How far something is, in one line."""
    filled = round(min(share, 1) * WIDTH)
    return f"\r{'█' * filled}{'·' * (WIDTH - filled)} {share:4.0%}  {done:>6} {what}, {done / max(seconds, 0.1):5.0f}/s"


def imported(batch: dict, seconds: float) -> str:
    """How far the import is."""
    progress, counts = batch["progress"], batch["counts"]
    share = progress["bytes_read"] / max(progress["bytes"], 1)
    return (f"{bar(share, counts['rows'], 'rows', seconds)}: {counts['stored']} stored, {counts['errors']} errors, "
            f"{counts['already_there']} already there")


def savings(local: dict, bearer: str) -> dict:
    """What the office saves."""
    return asked(f"{local['api']}/v1/stats/savings", bearer)


def taken_in(local: dict, bearer: str) -> int:
    """The notices that the numbers hold."""
    return savings(local, bearer)["all_as_letters"]["count"]


def settled(local: dict, bearer: str) -> int:
    """The same, once it no longer grows."""
    before, count = -1, taken_in(local, bearer)
    while count != before:
        time.sleep(SETTLED_SECONDS)
        before, count = count, taken_in(local, bearer)
    return count


def watch_counting(local: dict, bearer, before: int, stored: int) -> None:
    """The numbers follow what is stored, by way of the table's stream."""
    print("The numbers take them in. Ctrl-C shows the savings as they stand.")
    started = since = time.monotonic()
    token_now = bearer()
    try:
        while (counted := taken_in(local, token_now) - before) < stored:
            print(bar(counted / stored, counted, "counted", time.monotonic() - started), end="", flush=True)
            time.sleep(SETTLED_SECONDS)
            if time.monotonic() - since > 600:
                token_now, since = bearer(), time.monotonic()
        print(bar(counted / stored, counted, "counted", time.monotonic() - started))
        print(f"Counted after {time.monotonic() - started:.1f} s.")
    except KeyboardInterrupt:
        print("\nNot waited for: the numbers below hold a part.")


def run(options: argparse.Namespace) -> None:
    if not options.local.is_file():
        raise Failure(f"{options.local} is missing: start the stack with `make run` first.")
    local = json.loads(options.local.read_text(encoding="utf-8"))

    def bearer() -> str:
        return token(local["office_client"]) or sys.exit("The petition system gets no token.")

    started = time.monotonic()
    content = written(options.rows, options.seed)
    print(f"{options.rows} notices, {len(content):,} bytes, written in {time.monotonic() - started:.1f} s")
    before = settled(local, bearer())
    started = time.monotonic()
    batch = handed_in(local, bearer(), "notices", f"1년치 통지-{options.seed}.csv", content)
    if same := batch.get("already_imported_as"):
        print(f"This file came before, as {same}; another SEED makes another.")
    for batch in watched(local, bearer, batch):
        print(imported(batch, time.monotonic() - started), end="", flush=True)
    print(f"\n{batch['state']} after {time.monotonic() - started:.1f} s. {batch.get('reason', '')}")
    print(f"Errors: {batch.get('report_url', 'none')}")
    if not same and batch["counts"]["stored"]:
        watch_counting(local, bearer, before, batch["counts"]["stored"])
    saved = savings(local, bearer())
    print(json.dumps(saved, ensure_ascii=False, indent=2))
    print(f"Of {saved['all_as_letters']['count']} notices {saved['delivered']} are delivered; the others may still cost a letter.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=39_600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--local", type=Path, default=ROOT / "target" / "local.json")
    try:
        run(parser.parse_args())
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
