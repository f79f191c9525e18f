"""What would happen to the cover, before and after."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messages.words import BOKMAAL
from bot.stock.cover import Delivery, Lot, StockLine
from bot.stock.pools import hospital_pool
from bot.stock.what_if import Change, DeliveriesLate, DemandChanges, PatientsMoveHere, StockMoves, what_if

TODAY = dt.date(2025, 3, 1)


def line(quantity: float = 600, daily: float = 10, **changes: object) -> StockLine:
    whole = StockLine(
        pool=hospital_pool("Sykehusapoteket Oslo"),
        item="Meropenem 1 g",
        unit="hetteglass",
        counted_on=TODAY,
        lots=(Lot(quantity),),
        stated_daily_demand=daily,
        stated_by="Kari",
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def days(change: Change, *lines: StockLine) -> list[tuple[int | None, int | None]]:
    result = what_if(lines or (line(),), [change], as_of=TODAY)
    return [(b.days_of_cover, a.days_of_cover) for b, a in zip(result.before, result.after, strict=True)]


def test_rationing_by_a_half_from_today_doubles_the_cover() -> None:
    ((before, after),) = days(DemandChanges(-0.5, TODAY))
    assert before is not None and after == pytest.approx(2 * before, abs=2)


def test_rationing_counts_only_from_its_date() -> None:
    ((before, after),) = days(DemandChanges(-0.5, dt.date(2025, 4, 1)))
    assert before == pytest.approx(60, abs=1)
    assert after == pytest.approx(31 + (600 - 310) / 5, abs=2)


def test_a_late_delivery_may_leave_a_gap() -> None:
    coming = line(deliveries=(Delivery(600, TODAY + dt.timedelta(50), confirmed=True),))
    ((before, after),) = days(DeliveriesLate(30), coming)
    assert before == pytest.approx(120, abs=2)
    assert after == pytest.approx(60, abs=2)


def test_another_medicines_patients_move_here_by_a_signed_ratio() -> None:
    ((before, after),) = days(PatientsMoveHere("ZypAdhera", lost_daily=10, share=0.5, ratio=2))
    assert before is not None and after == pytest.approx(before / 2, abs=2)


def test_without_a_ratio_nothing_is_moved_and_the_answer_says_so() -> None:
    result = what_if([line()], [PatientsMoveHere("ZypAdhera", 10, 0.5, None)], as_of=TODAY)
    assert result.after == result.before
    assert [str(why) for why in result.why_not] == [
        "Ingen har satt et forhold mellom ZypAdhera og dette legemidlet, så ingenting er flyttet."
    ]


def test_moved_packs_leave_one_pool_and_come_to_the_other_shortest_expiry_first() -> None:
    source = line(lots=(Lot(100, TODAY + dt.timedelta(200)), Lot(500)))
    (gave, got) = days(StockMoves(300), source, line())
    assert gave[0] == got[0] == pytest.approx(60, abs=1)
    assert gave[1] == pytest.approx(30, abs=1)
    assert got[1] == pytest.approx(90, abs=1)


@pytest.mark.parametrize("lines", [(line(),), (line(), line(unit="mg")), (line(100), line())])
def test_impossible_moves_are_refused(lines: tuple[StockLine, ...]) -> None:
    with pytest.raises(ValueError, match=r"moved|moves"):
        what_if(lines, [StockMoves(300)], as_of=TODAY)


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 0.9), st.integers(-30, 100))
def test_held_outflow_never_lasts_shorter_than_free_outflow(held: float, start: int) -> None:
    ((free, rationed),) = days(DemandChanges(-held, TODAY + dt.timedelta(start)))
    assert free is not None and rationed is not None and rationed >= free


def test_a_question_is_put_in_words() -> None:
    changes = [DemandChanges(-0.3, TODAY), DeliveriesLate(1), StockMoves(40)]
    asked = what_if([line(), line()], changes, as_of=TODAY).supposed
    assert [BOKMAAL.say(sentence) for sentence in asked] == [
        "rasjonering: 30 % mindre fra 1. mars 2025",
        "leveransene er 1 dag forsinket",
        "40 hetteglass flyttes fra Sykehusapoteket Oslo til Sykehusapoteket Oslo",
    ]


def test_several_changes_work_together() -> None:
    coming = line(deliveries=(Delivery(600, TODAY + dt.timedelta(50), confirmed=True),))
    both = what_if([coming], [DeliveriesLate(30), DemandChanges(-0.5, TODAY)], as_of=TODAY)
    assert both.after[0].days_of_cover == pytest.approx(240, abs=3)


def test_patients_are_shared_among_the_pools_by_their_use_and_count_once_in_all() -> None:
    asked = what_if([line(), line(1200, 20)], [PatientsMoveHere("x", 30, 0.5, 2)], as_of=TODAY)
    assert [cover.days_of_cover for cover in asked.before] == pytest.approx([60, 60], abs=1)
    assert [cover.days_of_cover for cover in asked.after] == pytest.approx([30, 30], abs=1)
    assert asked.together_after.cover.daily_demand == pytest.approx(60)


def test_the_whole_says_how_many_days_and_packs_are_missing() -> None:
    end = TODAY + dt.timedelta(100)
    asked = what_if([line(pack_size=10)], [DemandChanges(-0.5, TODAY)], as_of=TODAY, shortage_end=end)
    before, after = asked.together_before, asked.together_after
    assert (before.gap_days, after.gap_days) == (pytest.approx(40, abs=1), 0)
    assert (before.gap_packs, after.gap_packs) == (pytest.approx(40, abs=1), 0)


def test_moving_stock_changes_nothing_in_all() -> None:
    shelf = replace(line().pool, id="b180s", shelf="ahn"), replace(line().pool, id="b50", shelf="ahn")
    lines = [line(pool=pool, lots=(Lot(600, batch=f"B{place}"),)) for place, pool in enumerate(shelf)]
    asked = what_if(lines, [StockMoves(300)], as_of=TODAY)
    assert asked.together_after.cover.on_hand == asked.together_before.cover.on_hand == 1200
