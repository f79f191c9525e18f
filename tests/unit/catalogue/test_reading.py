"""How names, strengths and forms are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue import shipped
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.forms import form_of, routes_clash
from bot.catalogue.mistyping import typing_cost
from bot.catalogue.normalise import plain, sound, spelling, words
from bot.catalogue.strength import find_strengths


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("amoxicillinum", "amoksicillin"),
        ("miconazole", "mikonazol"),
        ("phenytoin", "fenytoin"),
        ("thiopental", "tiopental"),
        ("oestradiol", "østradiol"),
        ("estradiol", "østradiol"),
        ("calcium", "kalsium"),
        ("vaccine", "vaksine"),
        ("paracettamol", "paracetamol"),
    ],
)
def test_what_sounds_alike_is_heard_alike(one: str, other: str) -> None:
    assert sound(one) == sound(other)


def test_norwegian_letters_are_one_with_their_typed_forms() -> None:
    assert spelling("øyedråper") == spelling("oeyedraaper") == spelling("oyedraper")


@given(st.text(max_size=400))
def test_reading_any_text_ends_within_the_limit(text: str) -> None:
    assert all(word for word in words(plain(text)))
    find_strengths(plain(text))


@pytest.mark.parametrize(
    ("text", "strength"),
    [
        ("Janumet tab 50/1000mg 56", "50 mg/1000 mg"),
        ("Co-Renitec tab 20mg/12,5 98", "20 mg/12,5 mg"),
        ("NovoEight 3 000 IE pulver", "3000 ie"),
        ("Ibuprofen inf 200mg/50ml 10x50", "200 mg/50 ml"),
        ("Nuvaring 0,12 mg/24 timer/0,015 mg/24 timer", "0,12 mg/24 time/0,015 mg/24 time"),
        ("Canoderm 5 % krem, 210 g tube", "50 mg/1 ml"),
        ("meropenem 1 g", "1000 mg"),
        ("levaxin 50 mcg", "0,05 mg"),
        ("Vaminolac inf 500 ml", ""),
    ],
)
def test_strengths_are_read_and_packages_left_out(text: str, strength: str) -> None:
    assert find_strengths(plain(text)).strength.canonical == strength


def test_a_bare_number_may_be_a_strength_or_a_pack() -> None:
    assert not find_strengths("valtrex 500").strength.stated
    assert find_strengths("valtrex 500 mg 30").strength.stated


def test_equal_strengths_agree_whatever_their_units() -> None:
    def strength(text: str) -> object:
        return find_strengths(text).strength

    assert find_strengths("1 g").strength.likeness(find_strengths("1000 mg").strength) == 1.0
    assert find_strengths("100 mg/5 ml").strength.likeness(find_strengths("20 mg/ml").strength) == 0.9
    assert find_strengths("10 mg/10 mg").strength.likeness(find_strengths("20 mg/10 mg").strength) == 0.5
    assert strength("1 %") != strength("2 %")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("depotkapsel, hard", "dep kaps"),
        ("injeksjonsvæske, oppløsning", "inj, oppl"),
        ("øyedråper", "oyedr"),
        ("tablett, filmdrasjert", "tabl"),
        ("stikkpiller", "supp"),
    ],
)
def test_a_form_is_the_same_however_written(one: str, other: str) -> None:
    assert form_of(words(one)) >= form_of(words(other)) - {"draper"}
    assert not routes_clash(form_of(words(one)), form_of(words(other)))


def test_routes_that_share_nothing_clash() -> None:
    assert routes_clash(form_of(["tab"]), form_of(["inj"]))
    assert routes_clash(form_of(["vag", "tab"]), form_of(["tab"]))
    assert not routes_clash(form_of(["inj"]), form_of(["inf"]))


def test_a_slip_of_the_finger_costs_less_than_another_word() -> None:
    assert typing_cost("paraset", "paracet") < typing_cost("paraket", "paradet")
    assert typing_cost("valtrexx", "valtrex") < 0.5
    assert typing_cost("pravastatin", "pitavastatin") > 1.5
    assert typing_cost("meropenem", "meropenem") == 0.0


@given(st.text("abcdeiklmnoprst", min_size=1, max_size=12), st.text("abcdeiklmnoprst", min_size=1, max_size=12))
def test_the_cost_of_a_slip_is_never_negative_and_zero_only_for_equals(one: str, other: str) -> None:
    assert (typing_cost(one, other) == 0.0) == (one == other)


def test_every_line_of_the_lists_means_something_in_the_shipped_catalogue() -> None:
    catalogue = Catalogue.shipped()
    brands = {one.brand.casefold() for one in catalogue}
    known = brands | set(catalogue.substances)
    lists = shipped.language()
    assert [pair for pair in lists.synonyms if pair[1].casefold() not in known] == []
    assert [pair for pair in lists.lookalikes if not {name.casefold() for name in pair} <= known] == []
