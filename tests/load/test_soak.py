"""Memory stays flat while reports come in; the hour of it is `python -m bench soak`."""

from __future__ import annotations

import pytest

from tests.load.soaking import soak


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_minute_of_reports_leaves_memory_flat(database_url: str) -> None:
    soaked = await soak(database_url, seconds=60, rate=2, warm_up=30)
    assert soaked.reports == 120
    assert soaked.growth <= 0.05, soaked
