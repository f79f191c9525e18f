"""Memory stays flat while reports come in; the hour of it is `python -m bench soak`."""

from __future__ import annotations

import pytest

from tests.load.soaking import soak


@pytest.mark.slow
async def test_a_minute_and_a_half_of_reports_leaves_memory_flat(database_url: str) -> None:
    soaked = await soak(database_url, seconds=90, rate=3, warm_up=45)
    assert soaked.reports == 270
    assert soaked.growth <= 0.05, soaked
