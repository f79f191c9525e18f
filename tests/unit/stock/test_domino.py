"""What may stand in for a short medicine, how it is spoken of, and what a shortage can pull down with it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from bot.messages.words import BOKMAAL
from bot.stock.domino import (
    Link,
    Preparation,
    Relative,
    Rung,
    by_standing,
    candidates,
    domino,
    drawn_daily,
    foremost,
    watched,
)

ZYPADHERA = Preparation("z", "ZypAdhera 300 mg", "olanzapin", "N05AH03", "im", "depot", "300 mg")
ZYPREXA = Preparation("t", "Zyprexa tabletter 10 mg", "olanzapin", "N05AH03", "oral", "plain", "10 mg")
MUCOMYST = Preparation("m", "Mucomyst inhalasjonsvæske", "acetylcystein", "R05CB01", "inhalasjon", "plain", "200 mg/ml")
INFUSION = Preparation("i", "Acetylcystein infusjon", "acetylcystein", "V03AB23", "iv", "plain", "200 mg/ml")
VALTREX = Preparation("v5", "Valtrex 500 mg", "valaciklovir", "J05AB11", "oral", "plain", "500 mg", "B1")
VALTREX_250 = Preparation("v2", "Valtrex 250 mg", "valaciklovir", "J05AB11", "oral", "plain", "250 mg")
GENERIC = Preparation("vg", "Valaciclovir 500 mg", "valaciklovir", "J05AB11", "oral", "plain", "500 mg", "B1")
ZOVIRAX = Preparation("zo", "Zovirax 400 mg", "aciklovir", "J05AB01", "oral", "plain", "400 mg")
ERWINASE = Preparation("e", "Erwinase", "krisantaspase", "L01XX02", "im", "plain", "10000 E")
SPECTRILA = Preparation("s", "Spectrila", "asparaginase", "L01XX02", "iv", "plain", "10000 E")
ALL = [ZYPADHERA, ZYPREXA, MUCOMYST, INFUSION, VALTREX, VALTREX_250, GENERIC, ZOVIRAX, ERWINASE, SPECTRILA]


def test_olanzapine_tablets_are_only_an_unassessed_candidate_for_the_depot_injection() -> None:
    (candidate,) = candidates(ZYPADHERA, ALL)
    assert candidate.rung is Rung.OTHER_FORM
    assert str(candidate.words) == "Zyprexa tabletter 10 mg: Kandidat – ikke vurdert (annen form)"


def test_the_nearest_rung_comes_first_and_only_the_exchange_group_needs_no_signature() -> None:
    found = candidates(VALTREX, ALL)
    assert [(one.preparation.key, one.rung) for one in found] == [
        ("vg", Rung.EXCHANGE_GROUP),
        ("v2", Rung.OTHER_STRENGTH),
    ]
    assert str(found[0].words) == "Valaciclovir 500 mg: Byttbar i apotek (samme byttegruppe)"
    assert str(found[1].words) == "Valtrex 250 mg: Kandidat – ikke vurdert (annen styrke)"


def test_acetylcysteine_for_infusion_is_found_for_the_antidote_through_the_centres_link() -> None:
    link = Link("m", INFUSION, Rung.OTHER_FORM, use="antidot", ratio=1)
    (candidate,) = candidates(MUCOMYST, ALL, [link])
    assert (candidate.preparation, candidate.signed) == (INFUSION, False)
    assert str(candidate.words) == "Acetylcystein infusjon: Kandidat – ikke vurdert (annen form, til antidot)"
    signed = replace(link, signed_by="Siri Farm", signed_on=dt.date(2025, 7, 7))
    (candidate,) = candidates(MUCOMYST, ALL, [signed])
    assert BOKMAAL.say(candidate.words) == (
        "Acetylcystein infusjon: vurdert av Siri Farm 7. juli 2025 (annen form, til antidot)"
    )
    assert not signed.replaces, "as an antidote only: its stock is not counted for those who cough"
    assert replace(signed, use=None).replaces
    assert not replace(link, use=None).replaces
    assert not replace(signed, use=None, ratio=None).replaces


def test_where_there_is_little_room_what_the_centre_has_named_comes_before_what_is_near() -> None:
    link = Link("v5", ZOVIRAX, Rung.OTHER_SUBSTANCE)
    shown = foremost(candidates(VALTREX, ALL, [link]), 2)
    assert [one.preparation.key for one in shown] == ["vg", "zo"]
    assert [(str(standing), len(them)) for standing, them in by_standing(shown)] == [
        ("Byttbar i apotek", 1),
        ("Kandidat – ikke vurdert", 1),
    ]


def test_the_same_atc_code_makes_no_candidate_of_another_substance() -> None:
    assert candidates(ERWINASE, ALL) == []
    assert [one.key for one in watched(ERWINASE, ALL)] == ["s"], "it is watched for a domino effect"


def test_a_candidate_that_is_itself_short_says_so_and_comes_after_its_likes() -> None:
    other = Preparation("vh", "Valablis 500 mg", "valaciklovir", "J05AB11", "oral", "plain", "500 mg", "B1")
    found = candidates(VALTREX, [*ALL, other], short_keys={"vg"})
    assert [one.preparation.key for one in found[:2]] == ["vh", "vg"]
    assert str(found[1].words) == "Valaciclovir 500 mg: Byttbar i apotek (samme byttegruppe; mangler selv)"


def test_relatives_on_atc_level_four_are_watched() -> None:
    assert {one.key for one in watched(VALTREX, ALL)} == {"vg", "v2", "zo"}


def test_a_draw_that_has_risen_is_a_possible_domino_and_stays_one_until_it_is_calm() -> None:
    risen = domino(Relative("Zovirax", expected_daily=100, present_daily=180))
    assert risen is not None
    assert str(risen.words) == "uttaket er 80 % over det vanlige"
    unrest = Relative("Zovirax", 100, 125)
    assert domino(unrest) is None
    assert domino(unrest, raised=True) is not None
    assert domino(Relative("Zovirax", 100, 110), raised=True) is None


def test_a_relative_that_cannot_bear_its_stated_share_is_told_before_its_draw_rises() -> None:
    still = Relative("Zovirax", 100, 100, share=0.2, lasts_days=8, days_needed=30)
    found = domino(still)
    assert found is not None
    assert BOKMAAL.say(found.words) == "tar det over 20 % av forbruket, rekker lageret i ca. 8 dager"
    assert domino(replace(still, lasts_days=30)) is None
    assert domino(replace(still, lasts_days=30), raised=True) is not None
    assert domino(replace(still, lasts_days=33), raised=True) is None


def test_nothing_is_moved_without_a_share_that_a_person_has_set() -> None:
    assert domino(Relative("Zovirax", 100, 100, share=None, lasts_days=1, days_needed=90)) is None
    assert domino(Relative("Zovirax")) is None


JULY = dt.date(2025, 7, 1)


def day(number: int) -> dt.date:
    return JULY + dt.timedelta(number - 1)


def test_the_draw_is_read_from_two_counts_that_lie_far_enough_apart() -> None:
    weekly = [(day(2), 1000.0), (day(9), 900.0), (day(16), 500.0)]
    assert drawn_daily(weekly, [], since=day(10)) == 400 / 7
    assert drawn_daily(weekly[:2], [], since=day(10)) is None, "nothing has been counted since"
    daily = [(day(number), 1000.0 - 10 * number) for number in range(1, 12)]
    assert drawn_daily(daily, [], since=day(8)) == 10
    assert drawn_daily([(day(9), 900.0), (day(16), 1500.0)], [], since=day(10)) is None, "a delivery came between"


def test_the_draw_is_read_from_recorded_use_since_the_shortage() -> None:
    before, since = (day(-20), day(0), 300.0), (day(8), day(14), 140.0)
    assert drawn_daily([], [before], since=day(7)) is None
    assert drawn_daily([], [before, since], since=day(7)) == 20
    assert drawn_daily([], [(day(8), day(9), 140.0)], since=day(7)) is None, "two days say too little"
