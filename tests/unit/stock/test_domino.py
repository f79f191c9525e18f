"""What may stand in for a short medicine, how it is spoken of, and what a shortage can pull down with it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from bot.messages.words import BOKMAAL
from bot.stock.domino import Link, Preparation, Relative, Rung, by_standing, candidates, domino, foremost, watched

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


def test_aciclovirs_domino_comes_out_while_it_still_has_stock() -> None:
    risen = Relative("Zovirax", expected_daily=100, present_daily=180, stock=4000, days_needed=None)
    assert str(domino("Valtrex", 900, risen)) == (
        "Mulig dominoeffekt: uttaket av Zovirax er 80 % over det vanlige etter mangelen på Valtrex."
    )


def test_a_relative_that_cannot_bear_its_stated_share_is_told_before_its_draw_rises() -> None:
    still = Relative("Zovirax", 100, 100, stock=4000, days_needed=30, share=0.2, ratio=2)
    assert str(domino("Valtrex", 900, still)) == (
        "Mulig dominoeffekt: tar Zovirax over 20 % av forbruket av Valtrex, rekker lageret i ca. 8 dager."
    )


def test_nothing_is_moved_without_a_share_and_a_ratio_that_a_person_has_set() -> None:
    unset = Relative("Zovirax", 100, 100, stock=100, days_needed=90, share=0.5, ratio=None)
    assert domino("Valtrex", 900, unset) is None
    assert domino("Valtrex", 900, Relative("Zovirax", None, None, None, None)) is None
