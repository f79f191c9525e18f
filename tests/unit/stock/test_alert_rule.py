"""An alert is raised once, told again when it worsens or there is news, and closed when it is over."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.stock.alert_rule import (
    AlertChange,
    AlertLevel,
    AlertMemory,
    AlertOutcome,
    Dismissed,
    PastAlert,
    level_of,
    silent_pools,
    step,
    usefulness,
)
from bot.stock.cover import Band, Cover
from bot.stock.pools import DemandBase

NOW = dt.datetime(2025, 7, 1, 8, tzinfo=dt.UTC)
LIMIT = 60.0


def lasting(days: int | None, at: dt.datetime = NOW, stale: bool = False) -> Cover:
    return Cover(
        as_of=at.date(),
        on_hand=100,
        unit="stk",
        counted_on=at.date(),
        daily_demand=1,
        demand_base=DemandBase.MARKET,
        incoming=0,
        days_of_cover=days,
        p10=days,
        p90=days,
        stockout_date=None if days is None else at.date() + dt.timedelta(days),
        earliest_stockout=None,
        band=Band.UNKNOWN if days is None else Band.EMPTY if days == 0 else Band.TIGHT,
        stale=stale,
        threshold_days=LIMIT,
    )


def follow(*covers: int | None) -> list[AlertChange]:
    """What is done day by day as the cover goes through these figures."""
    memory, changes = None, []
    for day, days in enumerate(covers):
        now = NOW + dt.timedelta(day)
        taken = step(memory, lasting(days, now), LIMIT, now)
        memory = taken.memory
        changes.append(taken.change)
    return changes


RAISE, WORSEN, UPDATE = AlertChange.RAISE, AlertChange.WORSEN, AlertChange.UPDATE
RECOVER, RESUME, NOTHING = AlertChange.RECOVER, AlertChange.RESUME, AlertChange.NOTHING


def test_it_is_raised_under_the_limit_and_not_repeated_while_nothing_changes() -> None:
    assert follow(61, 60, 59, 58, 57) == [NOTHING, NOTHING, RAISE, NOTHING, NOTHING]


def test_it_is_told_again_at_each_step_down() -> None:
    assert follow(59, 29, 13, 0) == [RAISE, WORSEN, WORSEN, WORSEN]


def test_hovering_at_the_limit_neither_closes_nor_repeats_it() -> None:
    assert follow(59, 61, 59, 62, 58) == [RAISE, NOTHING, NOTHING, NOTHING, NOTHING]


def test_it_is_closed_when_the_cover_is_well_above_the_limit() -> None:
    assert follow(59, 90, 91) == [RAISE, RECOVER, NOTHING]


def test_an_unknown_or_stale_cover_changes_nothing() -> None:
    assert follow(59, None, 58) == [RAISE, NOTHING, NOTHING]
    memory = step(None, lasting(59), LIMIT, NOW).memory
    assert step(memory, lasting(0, stale=True), LIMIT, NOW).change is NOTHING


def test_a_pool_without_a_limit_raises_nothing() -> None:
    assert step(None, lasting(0), None, NOW).change is NOTHING


def test_a_moved_stock_out_date_is_news_but_not_within_a_week() -> None:
    changes = follow(55, 35, 34, 33, 32, 31, 31, 31)
    assert changes == [RAISE] + [NOTHING] * 6 + [UPDATE]


def test_a_snoozed_alert_is_quiet_unless_it_worsens() -> None:
    memory = step(None, lasting(59), LIMIT, NOW).memory
    assert memory is not None
    snoozed = memory.snooze((NOW + dt.timedelta(20)).date())
    later = NOW + dt.timedelta(10)
    assert step(snoozed, lasting(31, later), LIMIT, later).change is NOTHING
    assert step(snoozed, lasting(29, later), LIMIT, later).change is WORSEN


def test_a_snooze_that_is_over_is_told_once() -> None:
    memory = step(None, lasting(59), LIMIT, NOW).memory
    assert memory is not None
    over = NOW + dt.timedelta(4)
    snoozed = memory.snooze((NOW + dt.timedelta(3)).date())
    assert step(snoozed, lasting(58, NOW + dt.timedelta(3)), LIMIT, NOW + dt.timedelta(3)).change is NOTHING
    first = step(snoozed, lasting(38, over), LIMIT, over)
    assert first.change is RESUME
    assert step(first.memory, lasting(38, over), LIMIT, over).change is NOTHING


def test_a_snooze_ends_though_the_figure_has_grown_old() -> None:
    memory = step(None, lasting(59), LIMIT, NOW).memory
    assert memory is not None
    over = NOW + dt.timedelta(30)
    taken = step(memory.snooze((NOW + dt.timedelta(20)).date()), lasting(38, over, stale=True), LIMIT, over)
    assert taken.change is RESUME
    assert taken.memory is not None and taken.memory.snoozed_until is None


def test_a_false_alarm_is_silent_until_it_is_counted_again_or_gets_worse() -> None:
    dismissed = Dismissed(AlertLevel.LIMIT, NOW.date() - dt.timedelta(1))
    old = replace(lasting(50), counted_on=NOW.date() - dt.timedelta(1))
    assert step(None, old, LIMIT, NOW, dismissed=dismissed).change is NOTHING
    assert step(None, lasting(50), LIMIT, NOW, dismissed=dismissed).change is RAISE
    worse = replace(old, days_of_cover=29)
    assert step(None, worse, LIMIT, NOW, dismissed=dismissed).change is RAISE


def test_it_may_be_raised_some_days_before_the_limit_is_reached() -> None:
    taken = step(None, lasting(65), LIMIT, NOW, lead_days=7)
    assert taken.change is RAISE and taken.memory is not None
    assert taken.memory.level is AlertLevel.LIMIT


def test_levels_are_the_limit_its_half_two_weeks_and_empty() -> None:
    assert [level_of(days, LIMIT) for days in (60, 59, 29, 13, 0)] == [
        None,
        AlertLevel.LIMIT,
        AlertLevel.HALF,
        AlertLevel.TWO_WEEKS,
        AlertLevel.EMPTY,
    ]


@given(st.lists(st.integers(0, 150), min_size=1, max_size=120))
def test_never_two_messages_within_a_week_without_a_worse_level(covers: list[int]) -> None:
    memory: AlertMemory | None = None
    told: list[tuple[int, AlertChange]] = []
    for day, days in enumerate(covers):
        now = NOW + dt.timedelta(day)
        taken = step(memory, lasting(days, now), LIMIT, now)
        memory = taken.memory
        if taken.tells:
            told.append((day, taken.change))
    for (one, _), (two, change) in itertools.pairwise(told):
        assert two - one >= 7 or change in (WORSEN, RECOVER, RAISE)


def test_a_memory_can_be_kept_and_read_back_field_by_field() -> None:
    memory = step(None, lasting(59), LIMIT, NOW).memory
    assert memory is not None
    assert replace(memory, level=AlertLevel(int(memory.level))) == memory


def test_it_goes_by_how_likely_the_stock_is_to_be_below_the_limit() -> None:
    unsure = replace(lasting(70), outcomes=tuple(range(50, 90)))
    assert step(None, unsure, LIMIT, NOW).change is NOTHING
    assert step(None, unsure, LIMIT, NOW, chance=0.2).change is RAISE


def test_the_weekly_line_says_what_the_alerts_were_worth() -> None:
    week = NOW + dt.timedelta(7)
    day, before = NOW + dt.timedelta(1), NOW - dt.timedelta(30)
    alerts = [
        PastAlert(day, answered=True),
        PastAlert(day, answered=False, snoozed=True, closed_at=day, outcome=AlertOutcome.FALSE_ALARM),
        PastAlert(before, answered=False, closed_at=day, outcome=AlertOutcome.RECOVERED),
        PastAlert(before, answered=False, closed_at=day, outcome=AlertOutcome.RECOVERED, ran_out=True),
        PastAlert(before, answered=True, closed_at=day, outcome=AlertOutcome.RECOVERED),
        PastAlert(before, answered=True, ran_out=True, ran_out_on=day.date()),
        PastAlert(day, answered=False, ran_out=True, ran_out_on=(day + dt.timedelta(3)).date()),
        PastAlert(before, answered=False, closed_at=before, outcome=AlertOutcome.FALSE_ALARM),
    ]
    assert str(usefulness(alerts, NOW, week).words) == (
        "Varsler siden sist: 3 nye, 1 av dem besvart, 1 dempet. Falsk alarm: 1. "
        "Gikk over uten svar: 1. Tomt uten varsel 14 dager før: 1."
    )
    assert usefulness([], NOW, week).is_empty


def test_a_pool_whose_newest_count_is_older_than_it_reports_has_fallen_silent() -> None:
    newest = {"a": dt.date(2025, 7, 1), "b": dt.date(2025, 7, 4), "c": dt.date(2025, 7, 1)}
    every = {"a": 10, "b": 10, "c": 30}
    assert silent_pools(newest, every.__getitem__, dt.date(2025, 7, 12)) == {"a": dt.date(2025, 7, 1)}
    assert silent_pools(newest, every.__getitem__, dt.date(2025, 7, 11)) == {}
