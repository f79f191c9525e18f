"""`python -m tests.faults --runs 3000 --seed 1`: everything that can go wrong, that many times."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time

from tests.conftest import postgresql_server
from tests.faults.kinds import KINDS
from tests.faults.runner import AT_ONCE, plans, run_all, table


def main() -> int:
    """Play the runs; 1 where anything was lost or said twice."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None, help="the same seed plays the same runs")
    parser.add_argument("--kind", action="append", default=[], choices=list(KINDS))
    parser.add_argument("--database", action="append", default=[], choices=["sqlite", "postgresql"])
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="runs side by side")
    parser.add_argument("--only", type=int, action="append", help="of these runs only the one with this number")
    parser.add_argument("--log", action="store_true", help="show what the bots wrote in a run that went wrong")
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    todo = [
        plan
        for plan in plans(given.runs, seed, given.kind, given.database)
        if not given.only or plan.number in given.only
    ]
    began = time.monotonic()
    with postgresql_server() as server:
        outcomes = asyncio.run(run_all(todo, server, at_once=given.at_once, show=True))
    print(table(outcomes))
    print(f"seed {seed}, {time.monotonic() - began:.0f} s")
    wrong = [one for one in outcomes if one.violations]
    for one in wrong if given.log else []:
        print(f"--- run {one.plan.number}, {one.plan.kind.name}, {one.plan.engine}\n{one.log}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
