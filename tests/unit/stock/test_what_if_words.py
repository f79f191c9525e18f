"""What if, in words: what is understood, and that nothing else is made of it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.stock.what_if_words import (
    ComesLate,
    PacksMove,
    PatientsFrom,
    PeakIsOver,
    Supposition,
    UseChanges,
    WhatIfWords,
    read_what_if,
)

TODAY = dt.date(2025, 7, 10)
AUGUST = dt.date(2025, 8, 1)


@pytest.mark.parametrize(
    ("said", "change"),
    [
        ("rasjonering 30 % fra 1.8", UseChanges(-0.3, AUGUST)),
        ("rasjonering 30% fra 1. august", UseChanges(-0.3, AUGUST)),
        ("rasjonering med 30 prosent f.o.m. 1.8.2025", UseChanges(-0.3, AUGUST)),
        ("rasjonering -30 %", UseChanges(-0.3)),
        ("-30 %", UseChanges(-0.3)),
        ("−30 % fra 2025-08-01", UseChanges(-0.3, AUGUST)),
        ("–12,5 % forbruk", UseChanges(-0.125)),
        ("+20 % forbruk fra i morgen", UseChanges(0.2, dt.date(2025, 7, 11))),
        ("20 % mer forbruk fra 1. aug.", UseChanges(0.2, AUGUST)),
        ("40 % mindre", UseChanges(-0.4)),
        ("forbruket øker med 15 % fra 1.8.25", UseChanges(0.15, AUGUST)),
        ("+20 % fra 1.2", UseChanges(0.2, dt.date(2026, 2, 1))),
        ("levering 14 dager forsinket", ComesLate(14)),
        ("leveringen er to uker forsinket", ComesLate(14)),
        ("leveransene blir utsatt med 1 måned", ComesLate(30)),
        ("30 % av pasientene fra Valtrex", PatientsFrom(0.3, "Valtrex")),
        ("30 % av pasientene på Zyprexa tab 10 mg forhold 1,5", PatientsFrom(0.3, "Zyprexa tab 10 mg", 1.5)),
        ("flytt 40 pakninger fra B180S til Fokuslisten", PacksMove(40, "pakninger", "B180S", "Fokuslisten")),
        ("flytt 400 tabletter fra Grossistens ordinære lager til B50",
         PacksMove(400, "tabletter", "Grossistens ordinære lager", "B50")),
        ("hamstringen er over", PeakIsOver()),
    ],
)  # fmt: skip
def test_a_change_is_understood_after_any_medicine(said: str, change: Supposition) -> None:
    for medicine in ("Valtrex", "Zovirax tab 200 mg", "Etoposid 20 mg/ml", "Natriumklorid 0,9 %"):
        assert read_what_if(f"{medicine} {said}", TODAY) == WhatIfWords(medicine, (change,))
    assert read_what_if(f"  MUCOMYST   {said} ", TODAY) == WhatIfWords("MUCOMYST", (change,))


def test_several_changes_are_understood_together() -> None:
    read = read_what_if("valtrex 500 rasjonering 30 % fra 1.8, levering 14 dager forsinket og +10 %", TODAY)
    assert read == WhatIfWords("valtrex 500", (UseChanges(-0.3, AUGUST), ComesLate(14), UseChanges(0.1)))
    moved = read_what_if("x flytt 40 pakninger fra B180S til Fokuslisten og levering to uker forsinket", TODAY)
    assert moved.changes == (PacksMove(40, "pakninger", "B180S", "Fokuslisten"), ComesLate(14))


@pytest.mark.parametrize(
    ("said", "unread"),
    [
        ("valtrex rasjonering 30 % fra 1.8 hvis noen vil", "noen vil"),
        ("valtrex -30 % og banan", "banan"),
        ("valtrex -30 % fra 31.2", "fra 31.2"),
    ],
)
def test_what_no_rule_knows_is_given_back(said: str, unread: str) -> None:
    read = read_what_if(said, TODAY)
    assert (read.medicine, read.unread) == ("valtrex", unread)


@pytest.mark.parametrize(
    "said",
    ["valtrex 500", "valtrex halvparten", "30 %", "rasjonering 130 %", "levering 0 dager forsinket",
     "flytt 0 fra a til b", "0 % mer", "130 % av pasientene fra x", "valtrex rasjonering til 70 %"],
)  # fmt: skip
def test_what_means_nothing_changes_nothing(said: str) -> None:
    assert read_what_if(said, TODAY).changes == ()


@given(st.text(max_size=400))
@example("flytt 1 fra a til b" * 20)
@example("١٢ % av pasientene fra x")
@example("-²³ % fra 31. februar")
def test_no_text_breaks_it(said: str) -> None:
    read_what_if(said, TODAY)


OWN_WORDS = """valtrex rasjonering 30 % -5 %, +20 levering dager forsinket flytt pakninger fra til B180S av
pasientene og 1.8 31.2 2025-13-40 forhold 0 1,5 uke mer forbruk"""
pieces = st.sampled_from(OWN_WORDS.split())


@given(st.lists(pieces, max_size=25).map(" ".join))
def test_no_order_of_its_own_words_breaks_it(said: str) -> None:
    read = read_what_if(said, TODAY)
    for change in read.changes:
        if isinstance(change, UseChanges):
            assert -1 <= change.share <= 10
