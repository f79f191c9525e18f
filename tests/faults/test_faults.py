"""Random faults over kinds and databases: nothing that was acknowledged is lost, nothing is said twice."""

from __future__ import annotations

import pytest

from tests.faults.runner import plans, run_all, table

RUNS = 100
"""On each database. `python -m tests.faults --runs 3000` plays more, and `--seed` others."""


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_what_is_acknowledged_is_kept_and_what_is_decided_is_said_once(engine: str, postgresql: str) -> None:
    outcomes = await run_all(list(plans(RUNS, seed=20261122, engines=[engine])), postgresql)
    wrong = {f"run {one.plan.number}, {one.plan.kind.name}": one.violations for one in outcomes if one.violations}
    logs = "".join(f"\n--- run {one.plan.number}\n{one.log}" for one in outcomes if one.violations)
    assert not wrong, f"{wrong}\n{table(outcomes)}{logs}"
    assert sum(one.acknowledged for one in outcomes) > RUNS, "people were hardly heard"
