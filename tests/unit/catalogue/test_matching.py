"""The medicine that was meant: what is found, when the bot is sure, when it asks."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalogue import shipped
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.match import Decision, Kind, Match
from bot.catalogue.normalise import plain, words


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.shipped()


def first(answer: Match) -> str:
    return answer.candidates[0].name


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("valtrexx 500", "Valtrex tab 500 mg"),
        ("zypadera 300 mg", "Zypadhera pulv til depotinj væske, susp 300 mg"),
        ("miconazole", "Mikonazol"),
        ("Elvanse 20 mg kapsel, hard, 30 stk boks av plast", "Elvanse kaps 20 mg"),
        ("inhpulv ventoline 0,2", "Ventoline inh pulv, disp 0,2 mg/dose"),
        ("pen v mikst", "Fenoksymetylpenicillin"),
        ("har vi nok meropenem?", "Meropenem"),
        ("oestradiol", "Østradiol"),
        ("valproic acid", "Valproinsyre"),
        ("metenaminhippurat", "Metenamin"),
        ("piperacillin/tazobactam", "Piperacillin og beta-laktamasehemmer"),
        ("acetylsalisylsyre og kodein", "Kodein og acetylsalisylsyre"),
        ("amoksisilin", "Amoksicillin"),
    ],
)
def test_the_right_medicine_is_first_however_it_is_typed(catalogue: Catalogue, typed: str, meant: str) -> None:
    assert first(catalogue.match(typed)) == meant


def test_the_supplier_and_the_strength_choose_among_products(catalogue: Catalogue) -> None:
    assert first(catalogue.match("ibuprofen braun inf 200mg/50ml 10x50")) == "Ibuprofen B. Braun inf, oppl 200 mg"
    assert first(catalogue.match("sitaglipt/met krka tab 50/1000 56")) == "Sitagliptin/Metformin Krka tab 50 mg/1000 mg"


def test_a_wrong_route_is_asked_about_not_matched(catalogue: Catalogue) -> None:
    answer = catalogue.match("zyprexa stikkpille")
    assert answer.decision is Decision.ASK
    assert any("formen" in str(reason) for reason in answer.reasons)


def test_between_two_look_alikes_both_are_shown_with_what_tells_them_apart(catalogue: Catalogue) -> None:
    answer = catalogue.match("hydraxyzine")
    assert answer.decision is Decision.ASK
    assert [one.substance for one in answer.candidates[:2]] == ["Hydroksyzin", "Hydralazin"]
    assert "antihypertensiva" in str(answer.reasons[0])


def test_every_look_alike_typed_exactly_is_itself(catalogue: Catalogue) -> None:
    for pair in shipped.language().lookalikes:
        for name in pair:
            item = catalogue.exact(name=name)
            if item is not None:
                found = catalogue.match(name).candidates[0]
                assert set(found.atcs) & set(item.atcs), name


def test_a_medicine_that_is_not_in_the_catalogue_is_not_taken_for_its_neighbour(catalogue: Catalogue) -> None:
    without = catalogue.without({"Prednison", "Pravastatin", "Flutikason"})
    for typed in ("prednison", "pravastatin", "flutikason"):
        assert without.match(typed).decision is not Decision.MATCH, typed


@pytest.mark.parametrize("said", ["Kan noen ta vakten min på lørdag?", "Conveen 5166 sec+ pose 30cm", "takk", "  "])
def test_what_is_no_medicine_is_none(catalogue: Catalogue, said: str) -> None:
    assert catalogue.match(said).decision is Decision.NONE


REPEATED = [letter * times for letter in string.ascii_lowercase + "æøå" for times in (3, 4, 8, 48, 4000)]


@pytest.mark.parametrize(
    "typed",
    [
        *REPEATED,
        *("hahaha", "ha" * 2000, "zzzz zzzz", "z z z z", "ZZZZ", "zzzz 500 mg tab", "shshsh", "szszsz", "wvwvwv"),
        *("zshzshzsh", "kkkkllll", "ffffuuuu", "mmmmrrrr", "ppppcccc", "vvvvpppp", "nnnnoooo"),
    ],
)
def test_letters_repeated_are_no_medicine(catalogue: Catalogue, typed: str) -> None:
    assert catalogue.match(typed).decision is Decision.NONE


@pytest.mark.parametrize("typed", ["b", "g", "v", "z", "vv", "sh", "ez", "fu", "no", "sa", "ivi", "ccl", "lli", "aasa"])
def test_a_letter_or_two_of_a_name_are_not_the_name(catalogue: Catalogue, typed: str) -> None:
    assert catalogue.match(typed).decision is not Decision.MATCH


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(string.ascii_letters + "æøåéß"), min_size=1, max_size=2).flatmap(
        lambda letters: st.text(st.sampled_from([*letters, " ", "-"]), max_size=60)
    )
)
def test_two_letters_however_often_match_only_a_name_written_so(typed: str) -> None:
    catalogue = Catalogue.shipped()
    if catalogue.match(typed).decision is Decision.MATCH:
        written = [set(words(plain(name))) for name, _ in catalogue.names]
        assert any(name and name <= set(words(plain(typed))) for name in written), typed


@pytest.mark.parametrize(
    ("typed", "decision"),
    [
        ("valtrexx 500mg tab", Decision.MATCH),
        ("zypadhera", Decision.MATCH),
        ("paraset", Decision.MATCH),
        ("nacl", Decision.ASK),
        ("pen v", Decision.MATCH),
        ("v-pen", Decision.MATCH),
        ("pen g", Decision.MATCH),
        ("vit k", Decision.MATCH),
        ("kcl", Decision.MATCH),
        ("5-FU", Decision.MATCH),
        ("vp-16", Decision.MATCH),
        ("mmr", Decision.MATCH),
        ("trh", Decision.MATCH),
        ("jivi 500 ie", Decision.MATCH),
        ("vp16", Decision.ASK),
        ("pip", Decision.ASK),
        ("e-z-gas", Decision.MATCH),
    ],
)
def test_a_short_name_in_full_is_that_name(catalogue: Catalogue, typed: str, decision: Decision) -> None:
    assert catalogue.match(typed).decision is decision


def test_without_a_strength_all_strengths_are_left_open(catalogue: Catalogue) -> None:
    open_ones = catalogue.match("zypadhera").candidates[0].preparations
    assert {one.strength for one in open_ones} == {"210 mg", "300 mg", "405 mg"}
    stated = catalogue.match("zypadhera 300 mg").candidates[0].preparations
    assert {one.strength for one in stated} == {"300 mg"}


def test_a_substance_is_offered_with_the_preparations_that_fit(catalogue: Catalogue) -> None:
    candidate = next(one for one in catalogue.match("valaciklovir 250 mg").candidates if one.kind is Kind.SUBSTANCE)
    assert {one.strength for one in candidate.preparations} == {"250 mg"}


def test_candidates_are_distinct_ordered_and_scored_between_0_and_1(catalogue: Catalogue) -> None:
    for typed in ("paracet", "natriumklorid 9 mg/ml", "insulin", "xyz"):
        found = catalogue.match(typed).candidates
        assert len({one.name.casefold() for one in found}) == len(found) <= 5
        assert all(0.0 <= one.score <= 1.0 for one in found)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_anything_typed_gets_an_answer(typed: str) -> None:
    answer = Catalogue.shipped().match(typed)
    assert answer.query == typed[:300]
    assert len(answer.candidates) <= 5
    Catalogue.shipped().type_ahead(typed)


def test_typing_with_one_letter_wrong_still_offers_the_medicine(catalogue: Catalogue) -> None:
    for typed, meant in (("meripen", "Meropenem"), ("valtex", "Valaciklovir"), ("paravet", "Paracetamol")):
        assert meant in {one.substance for one in catalogue.type_ahead(typed, limit=5)}, typed


def test_what_is_reported_often_is_offered_first(catalogue: Catalogue) -> None:
    usual = [one.id for one in catalogue.type_ahead("me")]
    rare = usual[10]
    assert catalogue.type_ahead("me", popularity={rare: 3.0})[0].id == rare


@pytest.mark.parametrize(
    ("typed", "substance", "strengths", "traits"),
    [
        ("paracetamol 500 mg tabletter", "Paracetamol", {"500 mg"}, {"tab"}),
        ("meropenem 1 g inj", "Meropenem", {"1 g"}, {"parenteral"}),
        ("etoposid 20 mg/ml inf", "Etoposid", {"20 mg/ml"}, {"inf"}),
        ("etoposid kaps 50 mg", "Etoposid", {"50 mg"}, {"kaps"}),
        ("morfin mikst 2 mg/ml", "Morfin", {"2 mg/ml"}, {"mikst"}),
        ("morfin depot 30 mg", "Morfin", {"30 mg"}, {"depot"}),
        ("paracetamol stikkpiller 250 mg", "Paracetamol", {"250 mg"}, {"stikkpille"}),
        ("acetylcystein inh 200 mg/ml", "Acetylcystein", {"200 mg/ml"}, {"inhalation"}),
        ("olanzapin depot", "Olanzapin", {"210 mg", "300 mg", "405 mg"}, {"depot", "parenteral"}),
        ("betametason depot inj", "Betametason", {"5,7 mg/ml"}, {"depot", "parenteral"}),
    ],
)
def test_a_substance_in_a_form_and_strength_is_the_product_that_has_both(
    catalogue: Catalogue, typed: str, substance: str, strengths: set[str], traits: set[str]
) -> None:
    answer = catalogue.match(typed)
    best = answer.candidates[0]
    assert answer.decision is Decision.MATCH
    assert (best.kind, best.substance) == (Kind.PRODUCT, substance)
    assert best.item.preparations[0].strength in strengths
    assert traits <= best.item.preparations[0].traits


@pytest.mark.parametrize(
    ("typed", "named", "shown"),
    [
        ("zyprexa depot", "Zyprexa", "Zypadhera"),
        ("zyprexa 210 mg", "Zyprexa", "Zypadhera"),
        ("zypadhera tab", "Zypadhera", "Zyprexa"),
    ],
)
def test_a_brand_that_lacks_the_form_is_asked_about_and_the_one_that_has_it_is_shown(
    catalogue: Catalogue, typed: str, named: str, shown: str
) -> None:
    answer = catalogue.match(typed)
    assert answer.decision is Decision.ASK
    assert any(named in str(reason) and "finnes ikke" in str(reason) for reason in answer.reasons)
    assert answer.candidates[0].name.startswith(shown)
    assert answer.candidates[1].name.startswith(named)


@pytest.mark.parametrize(
    "typed", ["celeston", "celeston inj", "celeston 6 mg/ml", "celestan depott", "zyprexa depotinj"]
)
def test_the_right_substance_in_another_release_is_never_a_match(catalogue: Catalogue, typed: str) -> None:
    answer = catalogue.match(typed)
    if answer.decision is Decision.MATCH:
        assert answer.candidates[0].name == "Celestan Depot inj væske, susp 5,7 mg/ml", typed
        assert "depot" in typed


@pytest.mark.parametrize(
    "substance", ["ciprofloksacin", "meropenem", "flukonazol", "linezolid", "ibuprofen", "etoposid"]
)
def test_what_is_asked_for_as_an_infusion_is_no_tablet(catalogue: Catalogue, substance: str) -> None:
    best = catalogue.match(f"{substance} inf").candidates[0]
    assert best.kind is Kind.PRODUCT
    assert "parenteral" in best.item.preparations[0].traits


def test_of_a_name_that_is_not_written_exactly_another_medicine_is_shown_too(catalogue: Catalogue) -> None:
    found = catalogue.match("ecitalopram").candidates
    assert [one.substance for one in found].count("Escitalopram") == 4
    assert found[4].substance == "Citalopram"


@pytest.mark.parametrize(
    ("typed", "meant"), [("respiridal", "Risperidon"), ("thoradiazine", "Tioridazin"), ("meropenom", "Meropenem")]
)
def test_wrong_vowels_leave_the_consonants_to_find_a_name_by(catalogue: Catalogue, typed: str, meant: str) -> None:
    assert meant in {one.substance for one in catalogue.match(typed).candidates[:2]}
