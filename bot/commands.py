"""The one table of what can be typed after `/mangel`; it parses, and the help is written from it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.messages.phrase import Phrase, phrase
from bot.people.subjects import PACES, Pace


@dataclass(frozen=True, slots=True)
class Command:
    """A sub-command: its name, the names it has beside it (in any language), how it is typed, what it does.

    `changes`: something is stored when it is typed, so it is acknowledged when that is done. The others only read.
    """

    name: str
    aliases: tuple[str, ...]
    usage: Phrase
    does: Phrase
    changes: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What a person typed: which command, and the rest.

    `here`: for the channel it was typed in; `pace`: how often, in the words of `PACES`.
    """

    command: str
    rest: str
    here: bool = False
    pace: Pace | None = None


LOOK_UP = "slå opp"
STOP_HINT = "slutt"

COMMANDS: tuple[Command, ...] = (
    Command("meld", ("report",), phrase("/mangel meld [legemiddel]"), phrase("melder en mangel")),
    Command("status", (), phrase("/mangel status legemiddel eller saksnummer"), phrase("viser hvordan det står til")),
    Command("liste", ("list",), phrase("/mangel liste [ATC-kode eller ord]"), phrase("viser åpne saker")),
    Command("lager", ("stock",), phrase("/mangel lager legemiddel"), phrase("viser hvor lenge lageret rekker")),
    Command(
        "hva-hvis",
        ("what-if", "hvahvis", "hva hvis", "what if", "whatif", "kva-om", "kva om", "kvaom"),
        phrase("/mangel hva-hvis legemiddel og endring"),
        phrase("regner ut hvor lenge lageret rekker hvis noe endrer seg"),
    ),
    Command(
        "restriksjon",
        ("restriction", "rasjonering"),
        phrase("/mangel restriksjon saksnummer"),
        phrase("viser og setter restriksjoner (Mangelsenteret)"),
    ),
    Command(
        "fordel",
        ("allocate",),
        phrase("/mangel fordel saksnummer"),
        phrase("deler en leveranse mellom helseforetak (Mangelsenteret)"),
    ),
    Command(
        "spør",
        ("ask", "spor", "spør sykehusene", "spør sjukehusa"),
        phrase("/mangel spør saksnummer"),
        phrase("spør sykehusene og viser hva de har svart (Mangelsenteret)"),
    ),
    Command(
        "panel",
        ("fagpanel", "panels"),
        phrase("/mangel panel"),
        phrase("viser og endrer fagpanelene (Mangelsenteret)"),
    ),
    Command(
        "følg",
        ("follow", "folg"),
        phrase("/mangel følg legemiddel, ATC-kode, sak, region eller lager [daglig|ukentlig] [her]"),
        phrase("gir deg beskjed når noe endrer seg"),
        changes=True,
    ),
    Command(
        "slutt å følge",
        ("unfollow", "stop following", "slutt a folge", "slutt å følgje", "slutt a folgje"),
        phrase("/mangel slutt å følge det samme"),
        phrase("stopper beskjedene"),
        changes=True,
    ),
    Command("møte", ("meeting", "mote"), phrase("/mangel møte"), phrase("viser neste Mangelmøte slik det står nå")),
    Command(
        "statistikk",
        ("statistics",),
        phrase("/mangel statistikk [år, eller fra=dato til=dato] [atc=J kilde=DMP …]"),
        phrase("viser årets tall"),
    ),
    Command(
        "språk",
        ("sprak", "language", "målform", "malform"),
        phrase("/mangel språk bokmål, nynorsk eller engelsk"),
        phrase("velger hvilket språk du får svar på"),
        changes=True,
    ),
    Command("hjelp", ("help",), phrase("/mangel hjelp"), phrase("viser denne listen")),
)

CHANGING = frozenset(command.name for command in COMMANDS if command.changes)

_BY_WORDS = sorted(
    ((words, command.name) for command in COMMANDS for words in (command.name, *command.aliases)),
    key=lambda pair: -len(pair[0]),
)
_PACE = re.compile(rf"(?:^|\s)({'|'.join(PACES)})$", re.IGNORECASE)
_HERE = re.compile(r"(?:^|\s)(?:her|here)$", re.IGNORECASE)


def parse(text: str) -> Said:
    """What was typed after `/mangel`. Words that are no sub-command are looked up as a medicine or a case."""
    text = " ".join(text.split())
    low = text.casefold()
    if not text:
        return Said("meld", "")
    if low == "slutt":
        return Said(STOP_HINT, "")
    for words, name in _BY_WORDS:
        if low == words or low.startswith(words + " "):
            rest = text[len(words) :].strip()
            return _following(name, rest) if name in ("følg", "slutt å følge") else Said(name, rest)
    return Said(LOOK_UP, text)


def _following(name: str, rest: str) -> Said:
    """What is followed, without the words after it: `her` and how often, in any order."""
    here, pace = False, None
    while True:
        if _HERE.search(rest):
            here, rest = True, _HERE.sub("", rest).strip()
        elif found := _PACE.search(rest):
            pace, rest = PACES[found[1].casefold()], rest[: found.start()].strip()
        else:
            return Said(name, rest, here, pace)


_CASE_NUMBER = re.compile(r"(?:sak\s*)?(\d{4})-(\d{1,5})", re.IGNORECASE)
_CASE = re.compile(r"sak\s+(\S.*)|(.*\d.*)", re.IGNORECASE)
_ATC = re.compile(r"[A-Z]\d{2}(?:[A-Z]{1,2}(?:\d{2})?)?", re.IGNORECASE)


def case_number(text: str) -> str | None:
    """`2026-0123` where that is what `text` says."""
    found = _CASE_NUMBER.fullmatch(text.strip())
    return f"{found[1]}-{int(found[2]):04d}" if found else None


def another_registers_number(text: str) -> str | None:
    """What may be a case's number in another register's form: anything with a digit, or what stands after «sak»."""
    found = _CASE.fullmatch(text.strip())
    return (found[1] or found[2]) if found and text.isprintable() else None


def atc_code(text: str) -> str | None:
    """An ATC code of level 2 to 5 where that is what `text` says."""
    found = _ATC.fullmatch(text.strip())
    return found[0].upper() if found else None
