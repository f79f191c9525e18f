"""The picture of a stock's course: it can be drawn whatever the figures, and its words tell the same."""

from __future__ import annotations

import datetime as dt
import json
import struct
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.charts.stock import MOST_PANELS, StockChart, draw
from bot.charts.style import MOST_TICKS, date_ticks
from bot.messages.words import BOKMAAL
from bot.stock.cover import Delivery, Lot, StockLine, Use, cover
from bot.stock.curves import Curve, Supposed, stock_chart
from bot.stock.pools import STANDARD_POOLS

TODAY = dt.date(2025, 7, 10)
POOL = replace(STANDARD_POOLS[1], alert_limit_days=90)
END = dt.date(2025, 9, 15)


def line(quantity: float = 4200, daily: float = 300, **changes: object) -> StockLine:
    whole = StockLine(
        pool=POOL,
        item="Valtrex tab 500 mg",
        unit="tablett",
        counted_on=TODAY - dt.timedelta(4),
        lots=(Lot(quantity),),
        uses=tuple(Use(dt.date(2025, month, 1), dt.date(2025, month, 28), daily * 28) for month in range(1, 7)),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def supposed(of: StockLine) -> Supposed:
    return Supposed(of, cover(of, as_of=TODAY))


def chart(*lines: StockLine, after: Sequence[StockLine] = (), **more: object) -> StockChart:
    afters = [*map(supposed, after), *[None] * len(lines)]
    curves = [Curve(f"Lager {place}", supposed(one), afters[place]) for place, one in enumerate(lines)]
    return stock_chart("Valtrex tab 500 mg · Fokuslisten", curves, as_of=TODAY, words=BOKMAAL, **more)  # type: ignore[arg-type]


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return int(width), int(height)


CHARTS = {
    "two weeks": chart(line(), shortage_end=END),
    "flat": chart(line(9000, 1)),
    "many deliveries": chart(
        line(900, 10, deliveries=tuple(Delivery(200, TODAY + dt.timedelta(12 * n + 5)) for n in range(9)))
    ),
    "a few deliveries, unknown end": chart(
        line(9000, 60, deliveries=(Delivery(3000, TODAY + dt.timedelta(20)),)), end_unknown=True
    ),
    "empty": chart(line(0), shortage_end=END),
    "use not known": chart(line(uses=())),
    "never counted": chart(StockLine(POOL, "x", unit="tablett")),
    "before and after": chart(line(), line(20000, 100), after=[line(9200), line(15000, 100)]),
    "more pools than are drawn": chart(*[line()] * (MOST_PANELS + 2)),
    "signs that mean something elsewhere": replace(chart(line()), title="$x_1$ & <b> % \\frac{1}", note="$" * 3),
}


@pytest.mark.parametrize("name", CHARTS)
def test_it_is_a_picture_as_wide_as_a_phone_shows_it(name: str) -> None:
    width, height = size_of(draw(CHARTS[name]))
    assert width == 1080
    assert 500 < height < 2200


@pytest.mark.parametrize("name", CHARTS)
def test_its_figures_are_kept_as_json_and_give_the_same_picture(name: str) -> None:
    kept = json.dumps(CHARTS[name].as_json(), allow_nan=False)
    assert draw(StockChart.from_json(json.loads(kept))) == draw(CHARTS[name])
    assert len(kept) < 40_000


def test_the_same_function_makes_svg() -> None:
    svg = draw(CHARTS["two weeks"], "svg")
    assert svg.startswith(b"<?xml") and b"<svg" in svg
    assert svg == draw(CHARTS["two weeks"], "svg")


def test_the_alt_text_tells_what_the_picture_tells() -> None:
    told = CHARTS["two weeks"].alt
    for words in (
        "Valtrex tab 500 mg · Fokuslisten",
        "Trolig tomt 20. juli, tidligst",
        "Varslingsgrense 90 dager",
        "Mangelen slutter 15. sept.",
        "Lagertall talt 6. juli 2025",
    ):
        assert words in told
    assert "Ventet: 9 leveringer, 1800 tabletter." in CHARTS["many deliveries"].alt
    assert "Når mangelen slutter, er ukjent." in CHARTS["a few deliveries, unknown end"].alt
    assert "Trolig tomt nå." in CHARTS["empty"].alt
    assert "Forbruket er ikke kjent." in CHARTS["use not known"].alt
    assert "Uten endring: trolig tomt 20. juli" in CHARTS["before and after"].alt
    assert "2 lager til er ikke tegnet." in CHARTS["more pools than are drawn"].alt
    for one in CHARTS.values():
        assert "P10" not in one.alt and ".." not in one.alt and len(one.alt) <= 2000


@given(st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)), st.integers(1, 800))
def test_a_few_dates_stand_under_it(first: dt.date, days: int) -> None:
    ticks = date_ticks(first, first + dt.timedelta(days))
    assert len(ticks) <= MOST_TICKS + 1
    assert ticks == sorted(set(ticks))


amounts = st.floats(0, 1e7)


@settings(max_examples=15, deadline=None)
@given(amounts, amounts, st.lists(st.tuples(amounts, st.integers(-20, 900)), max_size=7), st.integers(-50, 900))
def test_no_figures_break_it(quantity: float, daily: float, coming: list[tuple[float, int]], end: int) -> None:
    odd = line(quantity, daily, deliveries=tuple(Delivery(n, TODAY + dt.timedelta(day)) for n, day in coming))
    drawn = chart(odd, after=[line(quantity / 2, daily)], shortage_end=TODAY + dt.timedelta(end))
    assert size_of(draw(drawn))[0] == 1080
