"""What is typed after `/mangel`, read by the table that the help is written from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import COMMANDS, LOOK_UP, PACES, STOP_HINT, Said, atc_code, case_number, parse
from bot.messages.render import LOCALES
from bot.messages.translations import TRANSLATED
from bot.messages.words import read_language

NAMES = {command.name for command in COMMANDS} | {LOOK_UP, STOP_HINT}
SPOKEN = [(words, command.name) for command in COMMANDS for words in (command.name, *command.aliases)]
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=60)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", Said("meld", "")),
        ("   ", Said("meld", "")),
        ("meld", Said("meld", "")),
        ("meld valtrexx 500", Said("meld", "valtrexx 500")),
        ("Meld  Valtrexx\t500 ", Said("meld", "Valtrexx 500")),
        ("report valtrex", Said("meld", "valtrex")),
        ("valtrex 500", Said(LOOK_UP, "valtrex 500")),
        ("meldepliktig", Said(LOOK_UP, "meldepliktig")),
        ("2026-0123", Said(LOOK_UP, "2026-0123")),
        ("STATUS 2026-0123", Said("status", "2026-0123")),
        ("liste J01", Said("liste", "J01")),
        ("lager meropenem", Said("lager", "meropenem")),
        ("følg J01", Said("følg", "J01")),
        ("folg J01 her", Said("følg", "J01", here=True)),
        ("følg her", Said("følg", "", here=True)),
        ("følg herceptin", Said("følg", "herceptin")),
        ("lager her", Said("lager", "her")),
        ("slutt å følge J01", Said("slutt å følge", "J01")),
        ("slutt a folge J01 HER", Said("slutt å følge", "J01", here=True)),
        ("unfollow J01", Said("slutt å følge", "J01")),
        ("slutt", Said(STOP_HINT, "")),
        ("Slutt ", Said(STOP_HINT, "")),
        ("sluttdato", Said(LOOK_UP, "sluttdato")),
        ("møte", Said("møte", "")),
        ("mote", Said("møte", "")),
        ("hjelp", Said("hjelp", "")),
        ("help me", Said("hjelp", "me")),
        ("stop following J01", Said("slutt å følge", "J01")),
        ("slutt å følgje J01", Said("slutt å følge", "J01")),
        ("kva om meropenem", Said("hva-hvis", "meropenem")),
        ("language English", Said("språk", "English")),
        ("språk", Said("språk", "")),
    ],
)
def test_what_is_typed_is_understood(typed: str, said: Said) -> None:
    assert parse(typed) == said


@given(WORDS)
def test_anything_at_all_is_some_command(typed: str) -> None:
    said = parse(typed)
    assert said.command in NAMES
    assert len(said.rest) <= len(typed)


@given(WORDS)
def test_spaces_and_capitals_in_the_command_change_nothing(typed: str) -> None:
    assert parse(f"  {typed}  ") == parse(" ".join(typed.split()))
    for words, name in SPOKEN:
        assert parse(f"{words.upper()} {typed}").command == name


@given(st.sampled_from(SPOKEN), st.text("abcdefghijklmnopqrstuvwxyzæøå0123456789 ", min_size=1, max_size=30))
def test_what_follows_a_command_is_kept_as_it_was_typed(spoken: tuple[str, str], rest: str) -> None:
    words, name = spoken
    said = parse(f"{words} {rest}")
    if said.here or said.pace is not None:
        assert " ".join(rest.split()).endswith(("her", "here", *PACES))
    else:
        longer = any(f"{words} {rest}".startswith(f"{other}") and len(other) > len(words) for other, _ in SPOKEN)
        assert (said.command, said.rest) == (name, " ".join(rest.split())) or longer


def test_no_two_commands_share_a_name_and_each_says_what_it_does() -> None:
    for words, name in SPOKEN:
        assert {other for spoken, other in SPOKEN if spoken == words} == {name}
    for command in COMMANDS:
        assert str(command.does)
        assert str(command.usage).startswith(f"/mangel {command.name}")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2026-0123", "2026-0123"),
        (" sak 2026-123 ", "2026-0123"),
        ("Sak2026-7", "2026-0007"),
        ("2026-12345", "2026-12345"),
        ("2026-123456", None),
        ("26-0123", None),
        ("valtrex 2026-0123", None),
        ("", None),
    ],
)
def test_case_numbers(text: str, number: str | None) -> None:
    assert case_number(text) == number


@pytest.mark.parametrize(
    ("text", "code"),
    [("j01", "J01"), ("J05AB", "J05AB"), ("J05AB11 ", "J05AB11"), ("J05A", "J05A"), ("J", None), ("J05AB1", None)],
)
def test_atc_codes(text: str, code: str | None) -> None:
    assert atc_code(text) == code


@pytest.mark.parametrize("language", ["nb", *TRANSLATED])
def test_what_the_help_shows_in_a_language_is_understood_as_it_stands(language: str) -> None:
    words = read_language(language, LOCALES)
    for command in COMMANDS:
        assert parse(words.say(command.usage).removeprefix("/mangel ")).command == command.name
