"""The shipped catalogue: what is in it, and how it is asked."""

from dataclasses import replace

import pytest

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.match import Decision, Kind
from bot.catalogue.preparation import Authorisation, Preparation, Scope


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return Catalogue.shipped()


def test_the_shipped_catalogue_holds_every_brand_but_no_food_supplements(shipped: Catalogue) -> None:
    assert len([one for one in shipped if one.source.startswith("FEST")]) == 8422
    assert all(one.authorised is Authorisation.UNKNOWN for one in shipped)


def test_what_the_register_lacks_is_found_like_any_other(shipped: Catalogue) -> None:
    for typed, atc in (
        ("delamanid", "J04AK06"),
        ("erwinia-asparaginase", "L01XX02"),
        ("erwinase", "L01XX02"),
    ):
        found = shipped.match(typed)
        assert found.decision is Decision.MATCH
        assert found.candidates[0].atc == atc


def test_an_erwinase_patient_is_not_offered_other_asparaginases_as_the_same(shipped: Catalogue) -> None:
    erwinase = shipped.exact(name="Erwinase")
    assert erwinase is not None
    assert erwinase.substance == "Krisantaspase"


def test_steritalc_is_a_device(shipped: Catalogue) -> None:
    assert shipped["egen:steritalc"].scope is Scope.DEVICE
    assert shipped.match("steritalc").candidates[0].id == "egen:steritalc"


def test_preparations_of_other_brands_and_suppliers_share_a_key(shipped: Catalogue) -> None:
    original = shipped.exact(name="Valtrex tab 500 mg")
    assert original is not None
    key = original.preparations[0].key
    assert key == "valaciklovir|tab|500 mg"
    assert {one.brand for one in shipped.same_preparation(key)} > {"Valtrex"}


def test_a_collective_substance_does_not_make_different_salts_one_preparation() -> None:
    group = "Elektrolytter"
    sodium = Preparation("1", "Natriumklorid Braun", "Natriumklorid Braun inf 9 mg/ml", "B05BB01", group, "Braun")
    other = replace(sodium, id="2", brand="Plasmalyte", name="Plasmalyte inf 9 mg/ml")
    same = replace(sodium, id="3", brand="Natriumklorid Kabi", name="Natriumklorid Kabi inf 9 mg/ml", supplier="Kabi")
    assert sodium.key == same.key != other.key


def test_relatives_are_other_strengths_and_the_same_group(shipped: Catalogue) -> None:
    found = shipped.relatives("valaciklovir|tab|500 mg")
    assert "valaciklovir|tab|250 mg" in {one.key for one in found.same_substance}
    assert "Aciklovir" in {one.substance for one in found.same_group}
    assert not shipped.relatives("finnes ikke|tab|1 mg").same_group


def test_strengths_of_a_brand_are_told_in_order(shipped: Catalogue) -> None:
    assert [one.strength for one in shipped.strengths("zypadhera")] == ["210 mg", "300 mg", "405 mg"]


def test_exact_names_and_codes_are_found_whatever_their_case(shipped: Catalogue) -> None:
    assert shipped.exact(name="  VALACIKLOVIR ").name == "Valaciklovir"  # type: ignore[union-attr]
    assert shipped.exact(name="valtrex tab 250 mg").kind is Kind.PRODUCT  # type: ignore[union-attr]
    assert shipped.exact(atc="j05ab11").name == "Valaciklovir"  # type: ignore[union-attr]
    assert shipped.exact(name="valtrexx") is None
    assert shipped.exact() is None


def test_a_changed_catalogue_is_a_new_one(shipped: Catalogue) -> None:
    new = Preparation("egen:nytt", "Nyttol", "Nyttol tab 5 mg", None, "Nyttolin", scope=Scope.MEDICINE)
    changed = shipped.with_changes([new])
    assert changed.match("nyttol").candidates[0].id == "egen:nytt"
    assert shipped.get("egen:nytt") is None
    assert len(changed) == len(shipped) + 1


def test_typing_offers_the_medicine_from_two_letters(shipped: Catalogue) -> None:
    assert shipped.type_ahead("v") == ()
    assert len(shipped.type_ahead("va")) == 20
    assert shipped.type_ahead("valtr")[0].substance == "Valaciklovir"
    assert shipped.type_ahead("oestradiol")[0].substance == "Østradiol"


def test_a_match_is_printed_as_other_programs_expect_it(shipped: Catalogue) -> None:
    answer = shipped.match("valtrexx 500mg tab").as_json()
    assert answer["query"] == "valtrexx 500mg tab"
    assert answer["decision"] == "match"
    first = answer["candidates"][0]
    assert list(first) == ["kind", "id", "name", "substance", "atc", "atcs", "score"]
    assert first["name"] == "Valtrex tab 500 mg"
    assert len(answer["candidates"]) <= 5


def test_nothing_typed_is_nothing_found(shipped: Catalogue) -> None:
    assert shipped.match("").as_json() == {"query": "", "decision": "none", "candidates": []}


@pytest.mark.parametrize("typed", ["oe", "ae", "aa", "mel"])
def test_two_letters_typed_are_enough_whatever_they_stand_for(typed: str) -> None:
    assert Catalogue.shipped().type_ahead(typed, limit=5)


@pytest.mark.parametrize("typed", ["ø", "a", "--", " "])
def test_fewer_than_two_letters_offer_nothing(typed: str) -> None:
    assert not Catalogue.shipped().type_ahead(typed, limit=5)
