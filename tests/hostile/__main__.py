"""`python -m tests.hostile --payloads 100000 --seed 1`: bent payloads, as many as wanted."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import tempfile
import time

from tests.hostile.attack import Found, attack, recorded
from tests.hostile.mutations import BOLTS
from tests.journeys.conftest import furnished


def _show(sent: int) -> None:
    if sent % 10_000 == 0:
        print(f"{sent:,} sent", flush=True)


async def _attack(count: int, seed: int) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        async with furnished(f"sqlite:///{folder}/base.sqlite") as house:
            payloads = await recorded(house)
            if BOLTS.is_file():
                payloads += [one["payload"] for one in json.loads(BOLTS.read_text(encoding="utf-8"))]
            return await attack(house, payloads, count, seed, _show)


def main() -> int:
    """Attack; 1 where anything reached the loop, was not foreseen, or told a secret."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--payloads", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.lastResort = None
    began = time.monotonic()
    found = asyncio.run(_attack(given.payloads, given.seed))
    print(f"{found.sent} payloads, seed {given.seed}, {time.monotonic() - began:.0f} s; answers {dict(found.statuses)}")
    print(f"reached the loop: {len(found.reached_the_loop)}; secrets in the log: {len(found.secrets)}")
    print(f"failures that nobody foresaw: {found.unexpected.total()}, of {len(found.unexpected)} kinds")
    for what, times in found.unexpected.most_common(60):
        print(f"{times:7} {what}")
    for what in found.reached_the_loop[:20]:
        print(f"        {what}")
    return 1 if found.reached_the_loop or found.secrets else 0


if __name__ == "__main__":
    sys.exit(main())
