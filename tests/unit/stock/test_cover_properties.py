"""What must hold of any stock line, whatever its history, lots, deliveries and dates."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.stock.cover import Band, Delivery, Lot, StockLine, Use, case_cover, cover, covers
from bot.stock.cover_rows import pool_row
from bot.stock.pools import STANDARD_POOLS, DemandBase, Holdable

# Counts and dates around a leap day and both changes of the clock.
days = st.sampled_from([dt.date(2024, 2, 28), dt.date(2024, 2, 29), dt.date(2024, 3, 31), dt.date(2024, 10, 27)])
offsets = st.integers(-40, 300).map(dt.timedelta)
quantities = st.floats(0, 1e5) | st.just(0.0)


@st.composite
def uses(draw: st.DrawFn, as_of: dt.date) -> tuple[Use, ...]:
    """Any history: nothing, one point, gaps, zeros, corrections, periods of any length, and the future."""
    found = []
    for _ in range(draw(st.integers(0, 12))):
        first = as_of - dt.timedelta(draw(st.integers(-20, 900)))
        last = first + dt.timedelta(draw(st.integers(0, 40)))
        found.append(Use(first, last, draw(st.floats(-500, 5000)), without_stock=draw(st.booleans())))
    return tuple(found)


@st.composite
def lines(draw: st.DrawFn) -> tuple[StockLine, dt.date]:
    as_of = draw(days)
    return (
        StockLine(
            pool=draw(st.sampled_from(STANDARD_POOLS)),
            item="X",
            unit="mg",
            counted_on=draw(st.none() | offsets.map(lambda offset: as_of - offset)),
            lots=tuple(
                draw(st.lists(st.builds(Lot, quantities, st.none() | offsets.map(lambda o: as_of + o)), max_size=3))
            ),
            deliveries=tuple(
                draw(st.lists(st.builds(Delivery, quantities, offsets.map(lambda o: as_of + o)), max_size=2))
            ),
            uses=draw(uses(as_of)),
        ),
        as_of,
    )


@settings(max_examples=120, deadline=None)
@given(lines())
def test_every_figure_is_finite_or_missing_with_its_reason(made: tuple[StockLine, dt.date]) -> None:
    line, as_of = made
    told = cover(line, as_of=as_of)
    for figure in (told.on_hand, told.daily_demand, told.incoming, told.days_of_cover, told.p10, told.p90):
        assert figure is None or (math.isfinite(figure) and figure >= 0)
    if told.days_of_cover is None:
        assert told.why is not None and told.band is Band.UNKNOWN
    else:
        assert told.p10 is not None and told.p90 is not None
        assert told.p10 <= told.days_of_cover <= told.p90
    assert all(not isinstance(value, float) or math.isfinite(value) for value in pool_row(line, told).values())


@settings(max_examples=60, deadline=None)
@given(lines(), quantities)
def test_more_stock_never_shortens_cover(made: tuple[StockLine, dt.date], more: float) -> None:
    line, as_of = made
    before = cover(line, as_of=as_of)
    after = cover(replace(line, lots=(*line.lots, Lot(more))), as_of=as_of)
    if before.days_of_cover is not None and after.days_of_cover is not None:
        assert after.days_of_cover >= before.days_of_cover - 1  # the spread is read at another horizon


@settings(max_examples=60, deadline=None)
@given(lines(), st.integers(0, 60), st.booleans())
def test_a_later_delivery_never_lengthens_cover(
    made: tuple[StockLine, dt.date], days_late: int, confirmed: bool
) -> None:
    line, as_of = made
    line = replace(line, deliveries=tuple(replace(item, confirmed=confirmed) for item in line.deliveries))
    late = dt.timedelta(days_late)
    # What is due by the day of the count is taken to be in it, so it is no delivery any more.
    moved = tuple(
        replace(item, eta=item.eta + late) if line.counted_on and item.eta > line.counted_on else item
        for item in line.deliveries
    )
    before, after = cover(line, as_of=as_of), cover(replace(line, deliveries=moved), as_of=as_of)
    if before.days_of_cover is not None and after.days_of_cover is not None:
        assert after.days_of_cover <= before.days_of_cover + 1  # the spread is read at another horizon


@settings(max_examples=60, deadline=None)
@given(lines(), st.floats(0, 1))
def test_splitting_the_lots_changes_nothing(made: tuple[StockLine, dt.date], share: float) -> None:
    line, as_of = made
    parts = [
        replace(lot, quantity=quantity)
        for lot in line.lots
        for quantity in (lot.quantity * share, lot.quantity - lot.quantity * share)
    ]
    whole, split = cover(line, as_of=as_of), cover(replace(line, lots=tuple(parts)), as_of=as_of)
    for one, other in ((whole.days_of_cover, split.days_of_cover), (whole.p10, split.p10), (whole.p90, split.p90)):
        assert (one is None) == (other is None)
        assert one is None or other is None or abs(one - other) <= 1  # a day's need met to the last billionth


@settings(max_examples=40, deadline=None)
@given(st.lists(lines(), min_size=1, max_size=4))
def test_a_line_covers_the_same_alone_and_among_others(made: list[tuple[StockLine, dt.date]]) -> None:
    as_of = made[0][1]
    together = covers([line for line, _ in made], as_of=as_of)
    for (line, _), told in zip(made, together, strict=True):
        alone = cover(line, as_of=as_of)
        assert (alone.days_of_cover, alone.p10, alone.band) == (told.days_of_cover, told.p10, told.band)


@settings(max_examples=60, deadline=None)
@given(st.lists(lines(), max_size=4), st.none() | offsets)
def test_a_case_always_has_an_answer_and_a_gap_only_with_an_end(
    made: list[tuple[StockLine, dt.date]], end: dt.timedelta | None
) -> None:
    as_of = made[0][1] if made else dt.date(2024, 2, 29)
    case = case_cover(
        [line for line, _ in made],
        shortage_start=as_of,
        shortage_end=None if end is None else as_of + end,
        as_of=as_of,
    )
    if case.gap_days is None:
        assert case.why is not None
    else:
        assert end is not None and 0 <= case.gap_days <= max(end.days, 0)


@settings(max_examples=60, deadline=None)
@given(
    days,
    st.lists(st.floats(0, 5000), min_size=3, max_size=30),
    st.floats(1, 50),
    quantities,
    st.sampled_from([DemandBase.HOSPITAL, DemandBase.UNKNOWN]),
)
def test_a_stock_whose_outflow_is_held_for_the_hospitals_lasts_no_shorter_than_a_free_one(
    as_of: dt.date, drawn: list[float], times: float, stock: float, held_for: DemandBase
) -> None:
    """Where it can be held, hospitals' use empties it, known or not; free, the market's, which is theirs and more."""
    months = [as_of - dt.timedelta(30 * (len(drawn) - place)) for place in range(len(drawn))]
    line = StockLine(
        pool=STANDARD_POOLS[0],
        item="X",
        unit="mg",
        counted_on=as_of,
        lots=(Lot(stock),),
        uses=tuple(
            Use(first, first + dt.timedelta(29), used * more, base=base)
            for first, used in zip(months, drawn, strict=True)
            for base, more in ((DemandBase.HOSPITAL, 1.0), (DemandBase.MARKET, times))
        ),
    )
    held = replace(line.pool, holdable=Holdable.YES, drawn_by=held_for)
    free = replace(line.pool, holdable=Holdable.NO, drawn_by=DemandBase.MARKET)
    lasts_held = cover(replace(line, pool=held), as_of=as_of).days_of_cover
    lasts_free = cover(replace(line, pool=free), as_of=as_of).days_of_cover
    if lasts_held is not None:  # None: it lasts beyond every horizon
        assert lasts_free is not None
        assert lasts_held >= lasts_free
