"""A case's log is read by people: everything that is recorded of a case has its words."""

from __future__ import annotations

import ast
from pathlib import Path

import bot
from bot.messages.words import BOKMAAL
from bot.people.log_words import action_of, details_of

SOURCES = sorted(Path(bot.__file__).parent.rglob("*.py"))


def recorded() -> set[str]:
    """What is recorded of a case, where the code names it in so many words."""
    found = set()
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "record" and len(node.args) > 1:
                subject, action = node.args[0], node.args[1]
                if ast.unparse(subject).startswith("f'case:") and isinstance(action, ast.Constant):
                    found.add(str(action.value))
    return found


def test_everything_that_is_recorded_of_a_case_has_its_words() -> None:
    actions = recorded() | {"inquiry_closed", "inquiry_withdrawn"}
    assert {"asked", "answered", "inquiry_step", "allocated", "text_taken", "restriction_reviewed"} <= actions
    assert not [action for action in actions if action_of(action).source == "{action}"]


def said(action: str, **details: object) -> list[str]:
    return [BOKMAAL.say(one) for one in details_of(action, details)]


def test_a_line_says_what_was_asked_answered_and_decided() -> None:
    assert said("asked", kind="stock", words="Hva har dere?", deadline="2025-07-11T14:00:00+00:00", asked=21) == [
        "tekst: Hva har dere?",
        "frist: 11. juli 2025",
    ]
    assert said("answered", who="UNN", quantity=4.0, told_by="vakthavende", came_by="phone") == [
        "fra: UNN",
        "antall: 4",
        "sagt av: vakthavende",
    ]
    assert said("inquiry_step", step="regions", on="2025-07-11") == ["steg: Avklart med RHF-ene", "dag: 11. juli 2025"]
    exceptions = {"Finnmark": {"packages": 6, "why": "lang transport"}, "UNN": {"packages": 9, "why": "etter avtale"}}
    assert said("allocated", delivery=2, quantity=105, packages={"UNN": 9}, exceptions=exceptions) == [
        "leveranse nummer: 2",
        "pakninger: 105",
        "unntak: Finnmark 6 (lang transport), UNN 9 (etter avtale)",
    ]
    assert said("allocated", delivery=1, quantity=105, exceptions={}) == ["leveranse nummer: 1", "pakninger: 105"]
    parts = [
        {"kind": "amount", "words": "Høyst fire uker", "from": None, "to": None, "lifted": "2025-07-07", "why": "Nok"},
        {"kind": "indication", "words": "Bare diabetes", "from": "2025-08-01", "to": None, "lifted": None, "why": None},
    ]
    assert said("restriction_part_lifted", restriction=1, state="decided", issuer="dmp", parts=parts) == [
        "gjelder: Høyst fire uker (opphevet 7. juli 2025): Nok, Bare diabetes"
    ]
    assert said("assessment_written", step="product") == []
