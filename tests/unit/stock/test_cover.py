"""How long a stock lasts, and what is said where that cannot be known."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from bot.stock.cover import Answer, Band, Cover, Delivery, Lot, StockLine, Use, band_of, case_cover, cover
from bot.stock.cover_rows import case_row, pool_row
from bot.stock.pools import STANDARD_POOLS, DemandBase, Holdable, hospital_pool
from bot.stock.what_if import StockMoves, what_if

POOLS = {pool.id: pool for pool in STANDARD_POOLS}
HOSPITAL = hospital_pool("Sykehusapoteket Oslo")
TODAY = dt.date(2025, 3, 1)


def months_of_use(quantity: float, months: int = 12, before: dt.date = TODAY) -> tuple[Use, ...]:
    """`quantity` a day in each of the `months` calendar months before `before`."""
    uses = []
    last = before.replace(day=1) - dt.timedelta(1)
    for _ in range(months):
        first = last.replace(day=1)
        uses.append(Use(first, last, quantity * ((last - first).days + 1)))
        last = first - dt.timedelta(1)
    return tuple(uses)


def line(quantity: float = 600, **changes: object) -> StockLine:
    """A hospital's stock counted today, drawn on by ten units a day."""
    whole = StockLine(
        pool=HOSPITAL,
        item="Meropenem 1 g",
        unit="hetteglass",
        counted_on=TODAY,
        lots=(Lot(quantity),),
        uses=months_of_use(10),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def covered(stock: StockLine, as_of: dt.date = TODAY) -> Cover:
    return cover(stock, as_of=as_of)


def test_a_stock_of_sixty_days_use_lasts_sixty_days_and_the_band_lies_around_it() -> None:
    result = covered(line(600))
    assert result.days_of_cover == pytest.approx(60, abs=2)
    assert result.p10 is not None and result.p90 is not None and result.days_of_cover is not None
    assert result.p10 < result.days_of_cover < result.p90
    assert result.stockout_date == TODAY + dt.timedelta(result.days_of_cover)
    assert result.earliest_stockout == TODAY + dt.timedelta(result.p10)
    assert result.why is None


def test_the_days_since_the_count_are_used_up() -> None:
    today, later = covered(line()), covered(line(), TODAY + dt.timedelta(10))
    assert today.days_of_cover is not None and later.days_of_cover == today.days_of_cover - 10
    assert later.stockout_date == today.stockout_date


def test_a_lot_that_expires_first_is_used_first_and_what_is_left_of_it_is_lost() -> None:
    expiring = line(lots=(Lot(500, TODAY + dt.timedelta(19)), Lot(300)))
    result = covered(expiring)
    assert result.days_of_cover == pytest.approx(50, abs=3), "20 days from the first lot, 30 from the second"
    assert result.expired == pytest.approx(300, abs=15)


def test_packs_are_not_given_out_in_the_last_days_before_they_expire() -> None:
    expiring = line(lots=(Lot(1000, TODAY + dt.timedelta(49)),))
    plain, careful = covered(expiring), cover(expiring, as_of=TODAY, expiry_margin_days=10)
    assert (plain.days_of_cover, careful.days_of_cover) == (50, 40)
    assert careful.expired == pytest.approx(1000 - 40 * 10, abs=15)


def test_a_delivery_counts_from_the_day_it_comes() -> None:
    in_time = covered(line(deliveries=(Delivery(300, TODAY + dt.timedelta(20), confirmed=True),)))
    too_late = covered(line(deliveries=(Delivery(300, TODAY + dt.timedelta(200), confirmed=True),)))
    assert in_time.days_of_cover == pytest.approx(90, abs=3)
    assert too_late.days_of_cover == pytest.approx(60, abs=2)
    assert in_time.incoming == too_late.incoming == 300


def test_a_delivery_due_on_or_before_the_count_is_already_in_it() -> None:
    assert covered(line(deliveries=(Delivery(300, TODAY),))).incoming == 0


def test_months_without_stock_are_not_low_demand() -> None:
    uses = tuple(
        replace(use, quantity=0.0, without_stock=True) if place < 4 else use
        for place, use in enumerate(months_of_use(10))
    )
    assert covered(line(uses=uses)).daily_demand == pytest.approx(10)


@pytest.mark.parametrize(
    ("stock", "said"),
    [
        (line(uses=()), "Forbruket er ikke kjent."),
        (line(uses=months_of_use(0)), "Forbruket er ikke kjent."),
        (line(counted_on=None, lots=()), "Ingen lagertelling er registrert."),
        (line(-5), "Beholdningen -5 er ikke et mulig antall."),
        (line(float("inf")), "Beholdningen inf er ikke et mulig antall."),
        (line(0, ordered_when_short=True), "Bestilles ved behov: ingen lagerdekning å regne på."),
    ],
)
def test_what_cannot_be_known_has_no_number_and_says_why(stock: StockLine, said: str) -> None:
    result = covered(stock)
    assert (result.days_of_cover, result.stockout_date, result.band) == (None, None, Band.UNKNOWN)
    assert str(result.why) == said


def test_a_stock_for_many_years_has_no_stock_out_date_and_says_so() -> None:
    result = covered(line(10_000_000))
    assert result.stockout_date is None and result.band is Band.GOOD
    assert str(result.why) == "Rekker i mer enn tre år."


def test_without_history_the_figure_somebody_gave_is_used_and_named() -> None:
    result = covered(line(uses=(), stated_daily_demand=20, stated_by="Kari Farmasøyt"))
    assert result.days_of_cover == pytest.approx(30, abs=1)
    assert "Kari Farmasøyt" in str(result.rests_on)


def test_a_peak_that_still_runs_is_shown_both_ways() -> None:
    steady = months_of_use(10, months=24)
    uses = tuple(replace(use, quantity=2 * use.quantity) if place < 2 else use for place, use in enumerate(steady))
    calm, peaked = covered(line(uses=steady)), covered(line(uses=uses))
    assert calm.days_if_hoarding is None
    assert peaked.days_of_cover is not None and peaked.days_if_hoarding is not None
    assert peaked.days_of_cover < 50 < 60 <= peaked.days_if_hoarding  # 600 at ten a day, and half the hoard used up
    assert [str(warning) for warning in peaked.warnings] == [
        f"Uttaket er uvanlig høyt (hamstring?). Fortsetter det, rekker lageret i ca. {peaked.days_of_cover} dager; "
        f"er det hamstring som er over nå, i ca. {peaked.days_if_hoarding} dager."
    ]


def test_a_peak_that_still_runs_is_shown_both_ways_in_a_case() -> None:
    uses = tuple(
        replace(use, quantity=2 * use.quantity) if place < 2 else use
        for place, use in enumerate(months_of_use(10, months=24))
    )
    case = case_cover([line(uses=uses), line()], shortage_start=TODAY, shortage_end=None, as_of=TODAY)
    assert case.cover.days_of_cover is not None and case.cover.days_if_hoarding is not None
    assert case.cover.days_if_hoarding > case.cover.days_of_cover
    assert any("hamstring?" in str(warning) for warning in case.cover.warnings)


def test_a_peak_that_is_over_is_damped_and_said() -> None:
    steady = months_of_use(10, months=24)
    uses = tuple(replace(use, quantity=2.5 * use.quantity) if place == 2 else use for place, use in enumerate(steady))
    result = covered(line(uses=uses))
    assert result.daily_demand == pytest.approx(10, rel=0.05)
    assert str(result.rests_on).endswith("Uvanlig høyt uttak i 12.2024 ventes ikke igjen og er dempet.")
    assert "dempet" not in str(covered(line(uses=steady)).rests_on)


def test_the_day_told_leans_early_where_the_lines_own_errors_are_known_and_only_there() -> None:
    wild = tuple(
        replace(use, quantity=use.quantity * (1.4, 0.6)[place % 2]) for place, use in enumerate(months_of_use(10, 36))
    )
    for known, share in ((wild, 0.41), (wild[:8], 0.5), (wild[-8:], 0.5)):
        told = covered(line(uses=known))
        assert told.days_of_cover == told.outcomes[int(share * len(told.outcomes))]
    stated = covered(line(uses=(), stated_daily_demand=10.0, stated_by="Kari"))
    assert stated.days_of_cover == stated.outcomes[len(stated.outcomes) // 2]


def test_a_lasting_jump_in_what_is_drawn_is_followed_by_its_third_month() -> None:
    steady = months_of_use(10, months=24)
    uses = tuple(replace(use, quantity=2 * use.quantity) if place < 3 else use for place, use in enumerate(steady))
    result = covered(line(uses=uses))
    assert result.daily_demand == pytest.approx(20, rel=0.05)
    assert result.days_if_hoarding is None


def test_an_old_count_is_marked_and_its_band_is_unknown() -> None:
    result = covered(line(), TODAY + dt.timedelta(15))
    assert result.stale and result.band is Band.UNKNOWN
    assert [str(warning) for warning in result.warnings] == ["Lagertallet er gammelt: 01.03.2025."]


def test_a_counted_nothing_is_empty_even_where_nobody_knows_the_use() -> None:
    result = covered(line(0, uses=()))
    assert (result.days_of_cover, result.band) == (0, Band.EMPTY)


@pytest.mark.parametrize(
    ("days", "limit", "band"),
    [
        (None, 60, Band.UNKNOWN),
        (0, 60, Band.EMPTY),
        (60, 60, Band.GOOD),
        (59, 60, Band.TIGHT),
        (30, 60, Band.TIGHT),
        (29, 60, Band.VERY_LOW),
        (13, 20, Band.VERY_LOW),
        (14, 20, Band.TIGHT),
        (100, None, Band.GOOD),
        (13, None, Band.VERY_LOW),
    ],
)
def test_bands_follow_the_limit_its_half_and_two_weeks(days: int | None, limit: float | None, band: Band) -> None:
    assert band_of(days, limit) is band


def test_a_stock_that_others_empty_is_never_divided_by_hospital_use() -> None:
    hospital_only = tuple(replace(use, base=DemandBase.HOSPITAL) for use in months_of_use(10))
    result = covered(line(pool=POOLS["fokuslisten"], uses=hospital_only))
    assert result.days_of_cover is None
    assert str(result.why) == "Lageret tømmes av hele markedet, men bare forbruket for sykehusene er kjent."


# --- Replays of real shortages; stock figures are made up to fit what the annual report says. ---


def etoposide(as_of: dt.date) -> StockLine:
    return StockLine(
        pool=POOLS["grossist"],
        item="Etoposid konsentrat til infusjonsvæske",
        unit="hetteglass",
        counted_on=as_of,
        lots=(Lot(46 * 40),),
        uses=months_of_use(40, before=as_of),
        pack_size=1,
        made_up=True,
    )


def test_etoposide_on_the_day_of_the_notice_lasts_to_the_end_of_may_and_lacks_107_days() -> None:
    notice = dt.date(2025, 4, 15)
    empty = StockLine(
        pool=POOLS["b180s"],
        item="Etoposid konsentrat til infusjonsvæske",
        unit="hetteglass",
        counted_on=notice,
    )
    case = case_cover(
        [etoposide(notice), empty],
        shortage_start=dt.date(2025, 5, 1),
        shortage_end=dt.date(2025, 9, 15),
        as_of=notice,
    )
    assert case.answer is Answer.NO and str(case.answer.words) == "nei"
    assert case.stockout_date is not None
    assert abs((case.stockout_date - dt.date(2025, 5, 31)).days) <= 1
    assert case.gap_days == pytest.approx(107, abs=1)
    assert case.gap_units == pytest.approx(107 * 40, rel=0.02)
    assert case.purchase is not None
    assert case.purchase.least == pytest.approx((107 + 30) * 40, rel=0.02)
    assert case.purchase.most == pytest.approx((107 + 60) * 40, rel=0.02)
    assert case.pools == ("Grossistens ordinære lager", "B180S")


def test_valtrex_on_fokuslisten_is_warned_of_while_it_is_still_in_stock() -> None:
    june = dt.date(2025, 6, 15)
    hospital = tuple(replace(use, base=DemandBase.HOSPITAL) for use in months_of_use(10, before=june))
    market = tuple(replace(use, base=DemandBase.MARKET) for use in months_of_use(200, before=june))
    stock = StockLine(
        pool=POOLS["fokuslisten"],
        item="Valtrex tabletter 500 mg",
        unit="tablett",
        counted_on=june,
        lots=(Lot(1800),),
        uses=hospital + market,
    )
    result = cover(stock, as_of=june)
    days = result.days_of_cover
    assert days == pytest.approx(9, abs=1)
    assert [str(warning) for warning in result.warnings] == [
        "Lageret er beregnet på sykehusenes forbruk, men tømmes av hele markedet. Uttaket kan ikke stanses.",
        f"Ved sykehusenes forbruk rekker det i ca. 180 dager, ved hele markedets forbruk i ca. {days} dager.",
    ]


def test_chloramphenicol_on_fokuslisten_has_the_pool_warning_and_a_pool_that_can_be_held_has_not() -> None:
    stock = line(pool=POOLS["fokuslisten"])
    assert "Uttaket kan ikke stanses." in str(covered(stock).warnings[0])
    held = replace(stock, pool=replace(stock.pool, holdable=Holdable.YES))
    assert covered(held).warnings == ()


def test_delamanid_is_ordered_at_need_and_has_no_cover_to_show() -> None:
    result = covered(line(0, ordered_when_short=True, pool=replace(HOSPITAL, alert_limit_days=60)))
    assert result.days_of_cover is None and result.threshold_days is None


def test_mucomyst_moved_to_a_pool_that_can_be_held_lasts_by_the_prioritised_use_and_keeps_every_pack() -> None:
    market = tuple(replace(use, base=DemandBase.MARKET) for use in months_of_use(50))
    antidote = tuple(replace(use, base=DemandBase.PRIORITISED) for use in months_of_use(2))
    name = "Mucomyst inhalasjonsvæske 200 mg/ml"
    free = line(1500, pool=POOLS["fokuslisten"], item=name, unit="ampulle", uses=market + antidote)
    held_pool = replace(POOLS["b180s"], drawn_by=DemandBase.PRIORITISED)
    held = line(0, pool=held_pool, item=name, unit="ampulle", uses=market + antidote)
    moved = what_if([free, held], [StockMoves(1000)], as_of=TODAY)
    assert [cover.on_hand for cover in moved.before] == [1500, 0]
    assert [cover.on_hand for cover in moved.after] == [500, 1000]
    assert [cover.days_of_cover for cover in moved.before] == [pytest.approx(30, abs=1), 0]
    assert [cover.days_of_cover for cover in moved.after] == [pytest.approx(10, abs=1), pytest.approx(500, abs=5)]
    assert "Uttaket kan ikke stanses." in str(moved.after[0].warnings[0])
    assert moved.after[1].warnings == ()


# --- A case: several pools against the end of the shortage. ---


def test_the_same_batch_on_the_wholesalers_shelves_is_counted_once() -> None:
    emergency = line(pool=POOLS["b180s"], lots=(Lot(500, batch="L1"),), uses=())
    ordinary = line(pool=POOLS["grossist"], lots=(Lot(500, batch="l1"), Lot(100, batch="L2")))
    case = case_cover([emergency, ordinary], shortage_start=TODAY, shortage_end=TODAY + dt.timedelta(30), as_of=TODAY)
    assert case.cover.on_hand == 600
    assert case.cover.days_of_cover == pytest.approx(60, abs=2)
    assert case.answer is Answer.YES and case.gap_days == 0 and case.purchase is None


def test_draws_from_two_pools_add_up_but_a_demand_of_the_whole_market_counts_once() -> None:
    shared = tuple(replace(use, base=DemandBase.MARKET) for use in months_of_use(10))
    ends = {"shortage_start": TODAY, "shortage_end": None, "as_of": TODAY}
    apart = case_cover([line(), line()], **ends)  # type: ignore[arg-type]
    whole = case_cover(
        [line(pool=POOLS["grossist"], uses=shared), line(pool=POOLS["leverandor"], uses=shared)],
        **ends,  # type: ignore[arg-type]
    )
    assert apart.cover.daily_demand == pytest.approx(20)
    assert whole.cover.daily_demand == pytest.approx(10)


def test_without_an_end_there_is_no_gap_and_the_answer_is_not_known() -> None:
    case = case_cover([line()], shortage_start=TODAY, shortage_end=None, as_of=TODAY)
    assert (case.answer, case.gap_days, str(case.why)) == (Answer.UNKNOWN, None, "Sluttdato ukjent.")


def test_the_days_from_the_suppliers_restart_to_the_ward_are_part_of_the_gap() -> None:
    dates = {"shortage_start": TODAY, "shortage_end": TODAY + dt.timedelta(100), "as_of": TODAY}
    plain = case_cover([line()], **dates)  # type: ignore[arg-type]
    late = case_cover([line()], restart_to_ward_days=14, **dates)  # type: ignore[arg-type]
    assert plain.gap_days is not None and late.gap_days == plain.gap_days + 14


def test_a_pool_that_could_not_be_counted_makes_a_no_into_not_known() -> None:
    case = case_cover(
        [line(100), line(pool=POOLS["b50"], counted_on=None, lots=())],
        shortage_start=TODAY,
        shortage_end=TODAY + dt.timedelta(100),
        as_of=TODAY,
    )
    assert case.answer is Answer.UNKNOWN and case.left_out == ("B50",)
    assert str(case.why) == "Lagertall mangler eller er gamle for B50."


def test_stocks_in_different_units_are_not_added() -> None:
    case = case_cover([line(), line(unit="mg")], shortage_start=TODAY, shortage_end=TODAY, as_of=TODAY)
    assert case.answer is Answer.UNKNOWN and "ulike enheter" in str(case.why)


# --- What programs read. ---

ROW_NAMES = [
    *("scope", "case", "pool", "item", "substance", "atc", "on_hand", "unit", "as_of", "stock_date"),
    *("daily_demand", "demand_base", "incoming", "days_of_cover", "p10", "p90", "stockout_date"),
    *("shortage_end", "gap_days", "threshold_days", "band", "stale", "why"),
]


def test_rows_for_programs_have_the_agreed_names_in_order() -> None:
    row = pool_row(line(), covered(line()), case="2025-0001")
    assert list(row) == ROW_NAMES
    assert (row["scope"], row["pool"], row["on_hand"], row["as_of"]) == (
        "pool",
        "Sykehusapoteket Oslo",
        600,
        "2025-03-01",
    )
    case = case_cover([line()], shortage_start=TODAY, shortage_end=TODAY + dt.timedelta(100), as_of=TODAY)
    row = case_row("2025-0001", "Meropenem 1 g", case)
    assert list(row) == ROW_NAMES
    assert (row["scope"], row["case"], row["shortage_end"], row["gap_days"]) == (
        "case",
        "2025-0001",
        "2025-06-09",
        case.gap_days,
    )


def test_a_row_with_an_unknown_figure_is_null_and_says_why() -> None:
    row = pool_row(line(uses=()), covered(line(uses=())))
    assert row["days_of_cover"] is None and row["daily_demand"] is None
    assert row["why"] == "Forbruket er ikke kjent."
