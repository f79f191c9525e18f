"""A pool as it is for one item: the item's own rules go before the pool's."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from bot.stock.cover import Answer, Band, Cover, Lot, StockLine, Use, case_cover, cover
from bot.stock.cover_rows import pool_row
from bot.stock.pools import STANDARD_POOLS, DemandBase, Holdable, ItemRules, Pool

POOLS = {pool.id: pool for pool in STANDARD_POOLS}
FOKUS, B180S = POOLS["fokuslisten"], POOLS["b180s"]
TODAY = dt.date(2025, 7, 1)
HALF_FULL = replace(B180S, alert_limit_share=0.5)


def line(pool: Pool, **changes: object) -> StockLine:
    """900 units counted today, thirty a day drawn through June."""
    whole = StockLine(
        pool=pool,
        item="Mucomyst inh væske 200 mg/ml",
        unit="ampulle",
        counted_on=TODAY,
        lots=(Lot(900),),
        uses=(Use(dt.date(2025, 6, 1), dt.date(2025, 6, 30), 900),),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def covered(stock: StockLine) -> Cover:
    return cover(stock, as_of=TODAY)


def test_without_rules_of_its_own_an_item_has_the_pools() -> None:
    assert FOKUS.for_item(ItemRules()) == FOKUS


def test_an_items_own_rule_goes_before_the_pools_and_the_others_stand() -> None:
    own = FOKUS.for_item(ItemRules(drawn_by=DemandBase.HOSPITAL))
    assert own == replace(FOKUS, drawn_by=DemandBase.HOSPITAL)
    assert FOKUS.sized_for_others and not own.sized_for_others


def test_unknown_is_a_rule_too() -> None:
    own = B180S.for_item(ItemRules(holdable=Holdable.UNKNOWN, drawn_by=DemandBase.UNKNOWN))
    assert (own.holdable, own.drawn_by) == (Holdable.UNKNOWN, DemandBase.UNKNOWN)


@pytest.mark.parametrize(
    ("pool", "rules", "limit"),
    [
        (HALF_FULL, ItemRules(), 90),
        (HALF_FULL, ItemRules(alert_limit_days=30), 30),
        (HALF_FULL, ItemRules(target_days=60), 30),
        (HALF_FULL, ItemRules(alert_limit_share=0.25), 45),
        (replace(B180S, alert_limit_days=100), ItemRules(alert_limit_share=0.5), 90),
        (replace(B180S, alert_limit_days=100), ItemRules(target_days=60), 100),
        (FOKUS, ItemRules(alert_limit_share=0.5), None),
    ],
)
def test_the_limit_of_an_item(pool: Pool, rules: ItemRules, limit: float | None) -> None:
    assert pool.for_item(rules).limit_days == limit


def test_figures_for_programs_follow_the_items_rules() -> None:
    pool = FOKUS.for_item(ItemRules(drawn_by=DemandBase.HOSPITAL, target_days=60, alert_limit_share=0.75))
    row = pool_row(line(pool), covered(line(pool)))
    assert (row["threshold_days"], row["demand_base"], row["band"]) == (45, "hospital", "tight")


def test_a_stated_demand_is_used_where_there_is_no_history() -> None:
    stated = line(B180S, uses=(), stated_daily_demand=10.0, stated_by="Giftinformasjonen")
    result = covered(stated)
    assert result.days_of_cover == pytest.approx(90, abs=4)
    assert str(result.rests_on) == (
        "Forbruk oppgitt av Giftinformasjonen: ca. 10 ampuller per dag (sykehusene); ingen historikk."
    )
    assert covered(replace(stated, uses=line(B180S).uses)).daily_demand == pytest.approx(30)


def test_mucomyst_as_an_antidote_lasts_by_its_prioritised_use_not_by_all_that_was_drawn() -> None:
    antidote = line(
        B180S.for_item(ItemRules(drawn_by=DemandBase.PRIORITISED)),
        stated_daily_demand=2.0,
        stated_by="Giftinformasjonen",
        stated_from=dt.date(2025, 6, 20),
        stated_first=True,
    )
    result = covered(antidote)
    assert (result.daily_demand, result.demand_base) == (2.0, DemandBase.PRIORITISED)
    assert str(result.rests_on) == (
        "Forbruk oppgitt av Giftinformasjonen: ca. 2 ampuller per dag (prioritert bruk) fra 20.06.2025; "
        "brukt i stedet for historikken."
    )


def test_a_stated_demand_holds_from_its_day_on() -> None:
    tomorrow = line(
        B180S, stated_daily_demand=2.0, stated_by="Siri", stated_from=TODAY + dt.timedelta(1), stated_first=True
    )
    assert covered(tomorrow).daily_demand == pytest.approx(30)
    assert covered(replace(tomorrow, uses=())).daily_demand is None


def test_delamanid_is_ordered_at_need_nothing_is_reckoned_and_it_is_said() -> None:
    limited = replace(B180S, alert_limit_days=60)
    for stock in (line(limited, lots=(), ordered_when_short=True), line(limited, counted_on=None, lots=(), uses=())):
        ordered = replace(stock, ordered_when_short=True)
        row = pool_row(ordered, cover(ordered, as_of=TODAY + dt.timedelta(90), threshold_days=30))
        figures = ("on_hand", "days_of_cover", "p10", "p90", "stockout_date", "threshold_days")
        assert [row[figure] for figure in figures] == [None] * 6
        assert (row["band"], row["stale"]) == ("unknown", False)
        assert row["why"] == "Bestilles ved behov: ingen lagerdekning å regne på."


def test_packs_left_of_what_is_ordered_at_need_have_a_cover_and_no_limit() -> None:
    ordered = line(replace(B180S, alert_limit_days=60), ordered_when_short=True)
    result = cover(ordered, as_of=TODAY, threshold_days=30)
    assert result.days_of_cover == pytest.approx(30, abs=3)
    assert (result.threshold_days, result.band) == (None, Band.GOOD)
    assert "Bestilles ved behov: varsles ikke." in map(str, result.warnings)


def test_a_stock_sized_for_180_days_of_hospital_use_says_how_long_the_market_takes_to_empty_it() -> None:
    fokus = replace(FOKUS, target_days=180)
    told = [str(warning) for warning in covered(line(fokus)).warnings]
    assert told == [
        "Lageret er beregnet på 180 dager av sykehusenes forbruk, men tømmes av hele markedet. "
        "Uttaket kan ikke stanses.",
        f"Ved hele markedets forbruk rekker det i ca. {covered(line(fokus)).days_of_cover} dager.",
    ]
    hospital = Use(dt.date(2025, 6, 1), dt.date(2025, 6, 30), 150, DemandBase.HOSPITAL)
    both = line(fokus, uses=(*line(fokus).uses, hospital))
    days = covered(both).days_of_cover
    assert str(covered(both).warnings[1]) == (
        f"Ved sykehusenes forbruk rekker det i ca. 180 dager, ved hele markedets forbruk i ca. {days} dager."
    )


def test_who_has_only_the_hospitals_use_gets_the_warning_and_no_figure() -> None:
    fokus = replace(FOKUS, target_days=180)
    hospital = Use(dt.date(2025, 6, 1), dt.date(2025, 6, 30), 150, DemandBase.HOSPITAL)
    result = covered(line(fokus, uses=(hospital,)))
    assert result.days_of_cover is None
    assert str(result.why) == "Lageret tømmes av hele markedet, men bare forbruket for sykehusene er kjent."
    assert len(result.warnings) == 1


def test_what_is_ordered_at_need_is_no_missing_count_of_a_case() -> None:
    kept = line(B180S)
    ordered = line(replace(FOKUS, shelf=None), lots=(), ordered_when_short=True)
    case = case_cover([kept, ordered], shortage_start=None, shortage_end=dt.date(2025, 12, 1), as_of=TODAY)
    assert (case.answer, case.pools, case.left_out) == (Answer.NO, ("B180S",), ())
    both = case_cover([ordered, kept], shortage_start=None, shortage_end=dt.date(2025, 12, 1), as_of=TODAY)
    assert both.cover.days_of_cover == case.cover.days_of_cover
