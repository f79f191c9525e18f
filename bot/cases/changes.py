"""Which fields of a case a form can change, how each change is said, and whether two people changed the same one."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.cases.vocabulary import (
    Authorised,
    Cause,
    Criticality,
    Group,
    Region,
    Sector,
    Solution,
    Source,
    Status,
    SystemFactor,
    Worded,
)
from bot.messages.phrase import Phrase, phrase
from bot.messages.words import Inside

Plain = str | int | bool | list[str] | None
"""A value as it is stored: codes for closed lists, ISO dates, None for what is not known."""


def plain(value: object) -> Plain:
    """A form's, a view's or a row's value in one shape; nothing chosen and an empty text are not known."""
    if value is None or value == "" or value == () or value == []:
        return None
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return sorted(str(plain(one)) for one in value)
    if isinstance(value, str | int):
        return value
    raise TypeError(f"no field of a case holds a {type(value).__name__}")


def mark(value: object) -> str:
    """A short mark of what a form showed, to tell later whether it is still so."""
    return hashlib.sha256(json.dumps(plain(value), ensure_ascii=False).encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class CaseField:
    """A field of the update form. `column` is where it is stored, None for what has rows of its own.

    `said` words a change for the case's thread, from the form's value. `heard`: reporters hear of it in the same words.
    """

    name: str
    said: Callable[[Any], Phrase]
    column: str | None
    heard: bool = False


def _text(said: Phrase, none: Phrase) -> Callable[[str | None], Phrase]:
    return lambda text: Phrase(said.source, {"text": text}) if text else none


def _choice(label: Phrase) -> Callable[[Worded | None], Phrase]:
    unknown = phrase("ukjent")
    return lambda chosen: Phrase(label.source, {"choice": Inside(chosen.words) if chosen else unknown})


def _choices(label: Phrase) -> Callable[[Iterable[Worded] | None], Phrase]:
    none = phrase("ikke oppgitt")
    return lambda chosen: Phrase(label.source, {"choices": listed([Inside(one.words) for one in chosen or ()]) or none})


def _groups(chosen: Iterable[Worded] | None) -> Phrase:
    hit = listed([Inside(one.words) for one in chosen or ()])
    return phrase("rammer {groups}", groups=hit) if hit else phrase("ingen pasientgruppe er nevnt")


def _names(label: Phrase) -> Callable[[Iterable[Worded] | None], Phrase]:
    """As `_choices`, of names, which keep their capital."""
    none = phrase("ikke oppgitt")
    return lambda chosen: Phrase(label.source, {"choices": listed([one.words for one in chosen or ()]) or none})


def listed(phrases: Sequence[Phrase | Inside]) -> Phrase | None:
    """Several phrases as one, with commas; None for none."""
    if not phrases:
        return None
    places = ", ".join(f"{{p{place}}}" for place in range(len(phrases)))
    return Phrase(places, {f"p{place}": said for place, said in enumerate(phrases)})


def _end(end: dt.date | None) -> Phrase:
    return phrase("ny sluttdato {end}", end=end) if end else phrase("sluttdato er nå ukjent")


def _start(start: dt.date | None) -> Phrase:
    return phrase("start {start}", start=start) if start else phrase("startdato er nå ukjent")


def _ward_days(days: int | None) -> Phrase:
    if days is None:
        return phrase("dager fra levering til avdeling: som vanlig")
    return phrase("dager fra levering til avdeling: {days}", days=days)


def _ready(ready: bool | None) -> Phrase:
    return phrase("erstatningen er på plass") if ready else phrase("erstatningen er ikke på plass")


def _deadline(day: dt.date | None) -> Phrase:
    return phrase("frist {date}", date=day) if day else phrase("ingen frist")


def _for_whom(person: str | None) -> Phrase:
    return phrase("neste steg har fått en ansvarlig") if person else phrase("neste steg har ingen egen ansvarlig")


def _cost(kroner: int | None) -> Phrase:
    return phrase("merkostnad: {kroner} kr", kroner=kroner) if kroner is not None else phrase("merkostnad: ukjent")


def _packages(articles: Iterable[str] | None) -> Phrase:
    numbers = ", ".join(articles or ())
    return phrase("varenumre: {numbers}", numbers=numbers) if numbers else phrase("varenumre: ingen")


FIELDS: tuple[CaseField, ...] = (
    CaseField("expected_end", _end, "expected_end", heard=True),
    CaseField("status", _choice(phrase("status {choice}")), "status"),
    CaseField("start", _start, "start"),
    CaseField("cause", _choice(phrase("årsak {choice}")), "cause"),
    CaseField("authorised", lambda choice: phrase("{choice}", choice=choice.words), "authorised"),
    CaseField("source", _choice(phrase("kilde: {choice}")), "source"),
    CaseField("ward_days", _ward_days, "restart_to_ward_days"),
    CaseField("substitute", _text(phrase("erstatning: {text}"), phrase("erstatning: ingen")), "substitute"),
    CaseField("substitute_ready", _ready, "substitute_ready"),
    CaseField("next_step", _text(phrase("neste steg: {text}"), phrase("neste steg: ingen")), "next_step"),
    CaseField("next_step_on", _deadline, "next_step_on"),
    CaseField("next_step_for", _for_whom, "next_step_for"),
    CaseField(
        "decision_question",
        _text(phrase("til møtet: {text}"), phrase("til møtet: ingen beslutning")),
        "decision_question",
    ),
    CaseField("sector", _choice(phrase("brukes i: {choice}")), "sector"),
    CaseField("criticality", _choice(phrase("alvor: {choice}")), "criticality"),
    CaseField("groups", _groups, "groups"),
    CaseField("affected", _text(phrase("gjelder: {text}"), phrase("gjelder: ikke oppgitt")), "affected"),
    CaseField("regions", _names(phrase("regioner: {choices}")), "regions"),
    CaseField("system_factors", _names(phrase("systemforhold: {choices}")), "system_factors"),
    CaseField(
        "patient_consequences",
        _text(phrase("følger for pasienter: {text}"), phrase("følger for pasienter: ikke oppgitt")),
        "patient_consequences",
    ),
    CaseField(
        "cost_consequences",
        _text(phrase("følger for økonomien: {text}"), phrase("følger for økonomien: ikke oppgitt")),
        "cost_consequences",
    ),
    CaseField("extra_cost_nok", _cost, "extra_cost_nok"),
    CaseField("packages", _packages, None),
    CaseField("in_use", _choices(phrase("tiltak i gang: {choices}")), None),
    CaseField("helped", _choices(phrase("tiltak som hjalp: {choices}")), None),
    CaseField("did_not_help", _choices(phrase("tiltak som ikke hjalp: {choices}")), None),
)
BY_NAME = {field.name: field for field in FIELDS}


_CLOSED_LISTS: dict[str, type[Worded]] = {
    "status": Status,
    "cause": Cause,
    "authorised": Authorised,
    "source": Source,
    "sector": Sector,
    "criticality": Criticality,
    "groups": Group,
    "regions": Region,
    "system_factors": SystemFactor,
    "in_use": Solution,
    "helped": Solution,
    "did_not_help": Solution,
}
_DATES = ("expected_end", "start", "next_step_on")


def as_chosen(name: str, value: Plain) -> object:
    """A stored value as the form's field `name` has it, so that its `said` can word it."""
    if isinstance(value, list):
        of = _CLOSED_LISTS.get(name)
        return tuple(of(one) for one in value) if of else tuple(value)
    if isinstance(value, str) and name in _CLOSED_LISTS:
        return _CLOSED_LISTS[name](value)
    if isinstance(value, str) and name in _DATES:
        return dt.date.fromisoformat(value)
    return value


def as_codes(value: Plain) -> list[str]:
    """A stored value of a field of which several may be chosen."""
    return value if isinstance(value, list) else []


def as_stored(value: object, before: object) -> object:
    """A form's value as its column keeps it; `before` tells a list from a value that is not known."""
    if isinstance(before, list):
        return plain(value) or []
    return value.value if isinstance(value, StrEnum) else value


def overtaken(
    now: Mapping[str, Plain], wanted: Mapping[str, Plain], shown: Mapping[str, str]
) -> tuple[set[str], dict[str, str]]:
    """Which of the `wanted` fields are to be written, and those that two people have changed with their mark now.

    `shown`: the marks of what the form showed when it was opened. A field that still says what was shown was not
    touched and is left as somebody else has made it since; one without a mark is written.
    """
    write, both = set(), {}
    for name, value in wanted.items():
        if value == now[name] or mark(value) == shown.get(name):
            continue
        if name in shown and mark(now[name]) != shown[name]:
            both[name] = mark(now[name])
        else:
            write.add(name)
    return write, both
