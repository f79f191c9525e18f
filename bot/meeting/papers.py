"""The digest and the minutes for those outside Slack: a page, and rows for a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from bot.meeting.digest import Digest, Entry
from bot.meeting.minutes import Minutes
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.messages.words import BOKMAAL, Language
from bot.paper import Printer
from bot.spreadsheet import Cell, Workbook

Value = TypeVar("Value")

IN_SLACK = phrase("en i Slack")
"""Whoever is mentioned by an id whose name is not known here."""


def with_names(value: Value, names: Mapping[str, str]) -> Value:
    """The same facts with a name for every mention: on paper nobody can click. `names`: Slack id → name."""
    return _named(value, names)  # type: ignore[no-any-return]


def _named(value: Any, names: Mapping[str, str]) -> Any:
    match value:
        case Mention():
            return names.get(value.slack_id, IN_SLACK)
        case Phrase():
            return Phrase(value.source, {name: _named(param, names) for name, param in value.params.items()})
        case tuple():
            return tuple(_named(one, names) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        old = {one.name: getattr(value, one.name) for one in fields(value)}
        new = {name: _named(one, names) for name, one in old.items()}
        return value if all(new[name] is old[name] for name in old) else replace(value, **new)
    return value


def mentioned(value: Any) -> set[str]:
    """The Slack ids of everybody who is mentioned in these facts."""
    match value:
        case Mention():
            return set() if value.elsewhere else {value.slack_id}
        case Phrase():
            return {one for param in value.params.values() for one in mentioned(param)}
        case tuple():
            return {one for item in value for one in mentioned(item)}
    if is_dataclass(value) and not isinstance(value, type):
        return {one for item in fields(value) for one in mentioned(getattr(value, item.name))}
    return set()


def digest_page(printer: Printer, digest: Digest, names: Mapping[str, str], language: str = "nb") -> str:
    """The whole digest as one HTML page; every case is on it, those without news one line each."""
    return printer.page("digest.html.j2", language, digest=with_names(digest, names))


def minutes_page(printer: Printer, minutes: Minutes, names: Mapping[str, str], language: str = "nb") -> str:
    """The minutes as one HTML page."""
    return printer.page("minutes.html.j2", language, minutes=with_names(minutes, names))


_HEADINGS: tuple[Phrase, ...] = (
    phrase("Plass"),
    phrase("Del"),
    phrase("Saksnummer"),
    phrase("Legemiddel"),
    phrase("Virkestoff"),
    phrase("ATC"),
    phrase("Start"),
    phrase("Slutt"),
    phrase("Dager udekket"),
    phrase("Dekker perioden"),
    phrase("Lager"),
    phrase("Erstatning"),
    phrase("Nytt siden sist"),
    phrase("Hvorfor"),
    phrase("Beslutning"),
    phrase("Neste steg"),
    phrase("Frist"),
    phrase("Ansvarlig"),
    phrase("Nye meldinger"),
)
_WIDTHS = (6, 12, 12, 40, 20, 9, 11, 11, 9, 12, 40, 40, 40, 30, 40, 30, 11, 18, 9)

_PARTS = {
    "new": phrase("Nye"),
    "ongoing": phrase("Pågående"),
    "upcoming": phrase("Kommende"),
    "unchanged": phrase("Uten nytt"),
    "closed": phrase("Avsluttet"),
}


def digest_workbook(digest: Digest, names: Mapping[str, str], words: Language = BOKMAAL) -> bytes:
    """The digest as XLSX: a row for each case, tasks and alerts on tabs of their own; dates and numbers as such."""
    digest = with_names(digest, names)
    book = Workbook(words.say(digest.called), words)
    rows = [
        _row(one, part, words)
        for name, part in _PARTS.items()
        for entry in getattr(digest, name)
        for one in entry.cases
    ]
    book.table(phrase("Saker"), _WIDTHS, _HEADINGS, rows)
    book.table(
        phrase("Oppgaver"),
        (50, 12, 30, 25, 11, 8),
        (
            phrase("Oppgave"),
            phrase("Saksnummer"),
            phrase("Legemiddel"),
            phrase("Hvem"),
            phrase("Frist"),
            phrase("Gjort"),
        ),
        [[t.text, t.case, t.case_name, _text(t.who, words), t.due, t.done_at is not None] for t in digest.tasks],
    )
    book.table(
        phrase("Lagervarsler"),
        (40, 20, 45, 12),
        (phrase("Vare"), phrase("Lager"), phrase("Varsel"), phrase("Saksnummer")),
        [[alert.item, alert.pool, alert.says, alert.case] for alert in digest.alerts],
    )
    book.table(
        phrase("Meldinger"),
        (45, 10),
        (phrase("Sted"), phrase("Antall")),
        [[place, count] for place, count in digest.reports.items()],
    )
    book.table(
        phrase("Restriksjoner"),
        (12, 40, 60, 11, 10),
        (phrase("Saksnummer"), phrase("Legemiddel"), phrase("Hva"), phrase("Vurderes innen"), phrase("Satt i kraft")),
        [[one.case, one.name, "; ".join(one.parts), one.day, not one.plan] for one in digest.reviews],
    )
    return book.as_bytes()


def _row(entry: Entry, part: Phrase, words: Language) -> list[Cell]:
    case = entry.case
    return [
        entry.place or None,
        part,
        case.number,
        case.name,
        case.substance or None,
        case.atc,
        case.start,
        case.expected_end,
        entry.gap_days,
        entry.covers.words,
        entry.stock,
        entry.substitute,
        words.listed(entry.remarks) if entry.remarks else None,
        words.listed(entry.why) if entry.why else None,
        entry.decision,
        case.next_step,
        case.next_step_on,
        _text(case.owner, words),
        case.reports,
    ]


def _text(value: object, words: Language) -> str | None:
    return None if value is None else words.say(value)
