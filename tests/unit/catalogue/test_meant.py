"""What some words mean: no more exact than they are, and no maker that nobody named."""

from __future__ import annotations

import pytest

from bot.catalogue.service import CatalogueService

CATALOGUE = CatalogueService(None)  # type: ignore[arg-type] - nothing is read from a database here


@pytest.mark.parametrize(
    ("words", "name", "key"),
    [
        ("paracetamol 500 mg tab", "Paracetamol tab 500 mg", "paracetamol|tab|500 mg"),
        ("metotreksat 2,5 mg tab", "Metotreksat tab 2,5 mg", "metotreksat|tab|2,5 mg"),
        ("morfin mikst 2 mg/ml", "Morfin mikst oppl 2 mg/ml", "morfin|mikst oppl|2 mg/1 ml"),
        ("paracetamol norfri 500 mg tab", "Paracetamol Norfri tab 500 mg", "paracetamol|tab|500 mg"),
        ("valtrexx 500", "Valtrex tab 500 mg", "valaciklovir|tab|500 mg"),
        ("valtrex", "Valtrex", "brand|valtrex"),
        ("olanzapin depot", "Zypadhera", "brand|zypadhera"),
        ("Paracetamol", "Paracetamol", "paracetamol|"),
    ],
)
def test_the_maker_is_named_only_where_somebody_wrote_it(words: str, name: str, key: str) -> None:
    medicine = CATALOGUE.meant(words).medicine
    assert medicine is not None
    assert (medicine.name, medicine.key) == (name, key)


@pytest.mark.parametrize(
    "words", ["paracetamol 500 mg tab", "valtrex", "valtrex 500", "Paracetamol", "olanzapin depot"]
)
def test_what_chooses_a_medicine_again_chooses_the_same(words: str) -> None:
    medicine = CATALOGUE.meant(words).medicine
    assert medicine is not None
    assert CATALOGUE.medicine(medicine.value) == medicine
    assert len(medicine.value) <= 150
