"""Medicines that the centre adds: what is refused, and how one is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cases.vocabulary import Goods
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.match import Decision
from bot.catalogue.own import OwnMedicine, may_be_meant
from bot.catalogue.preparation import Authorisation, Scope
from bot.refusal import FormRefused

SHIPPED = Catalogue.shipped()
ABARAX = OwnMedicine(
    name="Abarax", substance="benznidazol", form="tab", strength="100 mg", supplier="Elea", synonyms=("radanil",)
)


def refused(form: OwnMedicine) -> dict[str, str]:
    """Field → what is said beside it."""
    try:
        form.check(SHIPPED)
    except FormRefused as fault:
        return {str(one.field): str(one) for one in fault.refusals}
    return {}


def test_it_is_named_and_found_like_those_of_the_register() -> None:
    assert refused(ABARAX) == {}
    made = ABARAX.as_preparation("egen:1", SHIPPED)
    assert (made.name, made.form, made.strength) == ("Abarax tab 100 mg", "tab", "100 mg")
    assert (made.substance, made.source) == ("Benznidazol", "Mangelsenteret")
    catalogue = SHIPPED.with_changes([made])
    for typed in ("abarax 100", "abarrax", "Abarax tab 100 mg", "radanil"):
        found = catalogue.match(typed)
        assert (found.decision, found.candidates[0].name) == (Decision.MATCH, made.name), typed
    assert catalogue.type_ahead("ab", limit=50)
    assert any(candidate.name == made.name for candidate in catalogue.type_ahead("abar"))


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"name": " "}, "name", "Skriv navnet"),
        ({"substance": ""}, "substance", "Skriv virkestoffet"),
        ({"atc": "J04"}, "atc", "skrives som J04AK06"),
        ({"atc": "J04ZZ99"}, "atc", "ATC-gruppen J04Z finnes ikke"),
        ({"form": "tab 100"}, "form", "uten tall"),
        ({"strength": "ca 100 mg"}, "strength", "Begynn styrken med tallet"),
        ({"supplier": "x" * 81}, "supplier", "Skriv høyst 80"),
        ({"name": "Abarax 13097248022"}, "name", "fødselsnummer"),
        ({"synonyms": ("valtrex",)}, "synonyms", "kan forveksles med Valtrex"),
        ({"synonyms": tuple(f"qwzx{chr(96 + n) * 3}" for n in range(1, 13))}, "synonyms", "høyst 10"),
        ({"synonyms": ("en to tre fire fem seks",)}, "synonyms", "ett til fire ord"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(wrong: dict[str, object], field: str, words: str) -> None:
    said = refused(replace(ABARAX, **wrong))  # type: ignore[arg-type]
    assert set(said) == {field}
    assert words in said[field]


@pytest.mark.parametrize(
    ("form", "existing"),
    [
        (OwnMedicine("Valtrex", "Valaciklovir", form="tab", strength="500 mg"), "Valtrex tab 500 mg"),
        (OwnMedicine("VALTREX", "Valaciklovir", form="tablett", strength="500mg"), "Valtrex tab 500 mg"),
        (OwnMedicine("Deltyba", "Delamanid", form="tab", strength="50 mg"), "Deltyba tab 50 mg"),
    ],
)
def test_a_duplicate_is_refused_with_the_one_that_is_there(form: OwnMedicine, existing: str) -> None:
    assert refused(form) == {"name": f"Finnes allerede i listen: {existing}."}


def test_another_strength_or_another_brand_is_no_duplicate() -> None:
    assert refused(OwnMedicine("Deltyba", "Delamanid", form="tab", strength="25 mg")) == {}
    assert refused(OwnMedicine("Delamanid Otsuka", "Delamanid", form="tab", strength="50 mg")) == {}


def test_the_code_is_kept_in_capitals_and_unknown_stays_unknown() -> None:
    made = replace(ABARAX, atc=" p01ca02 ").as_preparation("egen:1", SHIPPED)
    assert (made.atc, made.authorised, made.scope) == ("P01CA02", Authorisation.UNKNOWN, Scope.MEDICINE)


def test_every_kind_of_goods_has_words() -> None:
    assert [goods.value for goods in Goods] == [scope.value for scope in Scope]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("abarax", True),
        ("Abarrax 100 mg", True),
        ("benznidazol tabletter", True),
        ("Radanil", True),
        ("delamanid", False),
        ("noe til pasienten", False),
        ("", False),
    ],
)
def test_free_text_is_offered_where_it_names_the_medicine(written: str, meant: bool) -> None:
    made = ABARAX.as_preparation("egen:1", SHIPPED)
    assert may_be_meant(written, made, SHIPPED.with_changes([made])) is meant


def test_a_known_substance_is_spelled_as_the_register_does_and_brings_its_only_code() -> None:
    made = OwnMedicine("Deltyba kur", "DELAMANID").as_preparation("egen:2", SHIPPED)
    assert (made.substance, made.atc) == ("Delamanid", "J04AK06")
    several = OwnMedicine("Natriumklorid X", "natriumklorid").as_preparation("egen:3", SHIPPED)
    assert several.atc is None
