"""What was done to a case, in a few words: the lines of the audit log for somebody who was away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from bot.cases.changes import BY_NAME, as_chosen, listed
from bot.cases.vocabulary import NotRelevant, Outcome, Status, Visibility, Worded
from bot.inquiries.steps import Step
from bot.messages.phrase import Phrase, phrase

_SAID: dict[str, Phrase] = {
    "opened": phrase("opprettet"),
    "taken": phrase("tatt"),
    "given": phrase("gitt videre"),
    "closed": phrase("avsluttet"),
    "not_relevant": phrase("ikke aktuell"),
    "reopened": phrase("gjenåpnet"),
    "merged": phrase("slått sammen"),
    "begun": phrase("mangelen har begynt"),
    "report_corrected": phrase("melding rettet"),
    "report_withdrawn": phrase("melding trukket tilbake"),
    "wrong_medicine": phrase("feil legemiddel rettet"),
    "tied_to_list": phrase("ført på legemiddel i listen"),
    "domino_raised": phrase("mulig dominoeffekt"),
    "domino_over": phrase("dominoeffekt over"),
    "taken_back": phrase("angret"),
    "archived": phrase("arkivkopi laget"),
    "erased": phrase("fritekst slettet, arkivkopien er laget"),
}
_FIELDS: dict[str, Phrase] = {
    "next_step": phrase("nytt neste steg"),
    "next_step_on": phrase("ny frist"),
    "substitute": phrase("erstatning"),
    "substitute_ready": phrase("erstatning"),
    "cause": phrase("årsak"),
    "decision_question": phrase("spørsmål til møtet"),
}
_CHANGED = phrase("endret")


def said_of(done: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Phrase]:
    """Each thing once, in the order it first happened; of several ends the last.

    `done`: the log's action and details, oldest first. What the log knows and we have no words for is "endret".
    """
    said: dict[str, Phrase] = {}
    reports = 0
    for action, details in done:
        if action in ("reported", "joined"):
            reports += 1
            said["reports"] = phrase("ny melding") if reports == 1 else phrase("{n} nye meldinger", n=reports)
        elif action == "updated":
            said |= {"end" if words.source in _ENDS else str(words): words for words in _updated(details)}
        elif action == "visibility":
            published = details.get("visibility") == Visibility.PUBLISHED.value
            said[action] = phrase("publisert") if published else phrase("synlighet endret")
        else:
            words = _SAID.get(action, _CHANGED)
            said[str(words)] = words
    if len(said) > 1:
        said.pop(str(_CHANGED), None)
    return list(said.values())


_ENDS = ("ny sluttdato {end}", "sluttdato ukjent")


def _updated(details: Mapping[str, Any]) -> list[Phrase]:
    """What an update of the case's own fields wrote: `details` is field → before and after."""
    words: list[Phrase] = []
    for field, change in details.items():
        after = change[1] if isinstance(change, list) and len(change) == 2 else None
        if field == "expected_end":
            words.append(
                phrase("ny sluttdato {end}", end=dt.date.fromisoformat(after)) if after else phrase("sluttdato ukjent")
            )
        elif field == "status" and after in {status.value for status in Status}:
            words.append(phrase("status {status}", status=Status(after).words))
        else:
            words.append(_FIELDS.get(field, _CHANGED))
    return words or [_CHANGED]


# --- one line in full, for whoever reads a case's log ---

_ACTIONS: dict[str, Phrase] = _SAID | {
    "reported": phrase("meldt"),
    "joined": phrase("ny melding"),
    "updated": phrase("oppdatert"),
    "visibility": phrase("synlighet endret"),
    "merged_from": phrase("slått sammen med denne"),
    "split": phrase("meldinger skilt ut"),
    "split_from": phrase("skilt ut fra en annen sak"),
    "domino_of": phrase("dominoeffekt av en annen sak"),
    "continues": phrase("fortsetter fra en annen sak"),
    "complex": phrase("hører sammen med en annen sak"),
    "document": phrase("dokument lagt til"),
    "document_removed": phrase("dokument fjernet"),
    "candidate": phrase("kandidat navngitt"),
    "candidate_removed": phrase("kandidat fjernet"),
    "assessment_written": phrase("vurdering skrevet"),
    "assessment_signed": phrase("vurdering signert"),
    "assessment_withdrawn": phrase("vurdering trukket tilbake"),
    "decided": phrase("beslutning i møtet"),
    "task_given": phrase("oppgave gitt"),
    "task_done": phrase("oppgave gjort"),
    "allocated": phrase("leveranse fordelt"),
    "allocation_published": phrase("fordeling publisert"),
    "allocation_sent": phrase("leveranse sendt"),
    "allocation_withdrawn": phrase("fordeling trukket tilbake"),
    "allocation_taken": phrase("fil til grossisten hentet"),
    "asked": phrase("spørsmål sendt"),
    "answered": phrase("svar registrert"),
    "inquiry_closed": phrase("spørsmål avsluttet"),
    "inquiry_withdrawn": phrase("spørsmål trukket tilbake"),
    "inquiry_step": phrase("steg mot DMPs svar"),
    "text_drafted": phrase("utkast til publisert tekst"),
    "text_taken": phrase("publisert tekst hentet"),
    "raised": phrase("tatt opp i et møte"),
    "not_raised": phrase("tas ikke lenger opp i et møte"),
    "looked_at": phrase("sett på"),
    "reminder_done": phrase("påminnelse ferdig"),
    "reminder_snoozed": phrase("påminnelse utsatt"),
    "restriction_reviewed": phrase("restriksjon vurdert på nytt"),
    "restriction_drafted": phrase("restriksjon skrevet"),
    "restriction_rewritten": phrase("restriksjon skrevet om"),
    "restriction_with_experts": phrase("restriksjon til faglig innspill"),
    "restriction_plan": phrase("prioriteringsplan laget"),
    "restriction_decided": phrase("restriksjon vedtatt"),
    "restriction_part": phrase("del lagt til restriksjonen"),
    "restriction_part_lifted": phrase("del av restriksjonen opphevet"),
    "restriction_begun": phrase("del av restriksjonen har begynt"),
    "restriction_over": phrase("del av restriksjonen er over"),
    "restriction_published": phrase("restriksjon publisert"),
    "restriction_withdrawn": phrase("restriksjon ikke lenger publisert"),
}
_DETAILS: dict[str, Phrase] = {
    "reason": phrase("begrunnelse"),
    "why": phrase("begrunnelse"),
    "signed_as": phrase("signert av"),
    "note": phrase("merknad"),
    "text": phrase("tekst"),
    "title": phrase("navn"),
    "name": phrase("navn"),
    "into": phrase("sak"),
    "case": phrase("sak"),
    "other": phrase("sak"),
    "of": phrase("sak"),
    "wrong": phrase("feil legemiddel"),
    "right": phrase("riktig legemiddel"),
    "written": phrase("skrevet som"),
    "medicine": phrase("legemiddel"),
    "advice": phrase("råd"),
    "relative": phrase("legemiddel"),
    "delivery": phrase("leveranse nummer"),
    "quantity": phrase("pakninger"),
    "week": phrase("uke"),
    "until": phrase("til"),
    "filename": phrase("fil"),
    "question": phrase("spørsmål"),
    "words": phrase("tekst"),
    "deadline": phrase("frist"),
    "who": phrase("fra"),
    "told_by": phrase("sagt av"),
    "exceptions": phrase("unntak"),
    "parts": phrase("gjelder"),
}
"""What a reader wants to see of a line's details, with its label; what is an id or a code is in the export."""

_OF_ACTIONS: dict[tuple[str, str], Phrase] = {
    ("answered", "quantity"): phrase("antall"),
    ("inquiry_step", "step"): phrase("steg"),
    ("inquiry_step", "on"): phrase("dag"),
}
"""Labels that are one action's own."""
_DAYS = ("deadline", "on")

_CODES: dict[str, type[Worded]] = {"outcome": Outcome, "not_relevant": NotRelevant, "visibility": Visibility}


def action_of(action: str) -> Phrase:
    """What a line of the log calls that which was done."""
    return _ACTIONS.get(action) or phrase("{action}", action=action.replace("_", " "))


def details_of(action: str, details: Mapping[str, Any]) -> list[Phrase]:
    """What was changed, each thing with what stood there before, where the log knows it."""
    if action == "updated":
        return [_changed(name, change) for name, change in details.items()]
    said = []
    for name, value in details.items():
        if value is None or value == "" or value in ({}, []):
            continue
        if name in _CODES:
            said.append(phrase("{value}", value=_CODES[name](value).words))
        elif label := _OF_ACTIONS.get((action, name)) or _DETAILS.get(name):
            said.append(phrase("{label}: {value}", label=label, value=_detail(name, value)))
    return said


def _detail(name: str, value: Any) -> object:
    if name in _DAYS:
        return dt.date.fromisoformat(str(value)[:10])
    if name == "step":
        return Step(value).words
    if name == "exceptions":  # who got otherwise than the rule gives, and why
        return listed([phrase("{who} {packages} ({why})", who=who, **given) for who, given in value.items()])
    if name == "parts":
        return listed([_part(**part) for part in value])
    return value


def _part(words: str, lifted: str | None = None, why: str | None = None, **_: object) -> Phrase:
    """A part of a restriction: what it says, and since when it does not."""
    if lifted is None:
        return phrase("{value}", value=words)
    said = phrase("{words} (opphevet {day})", words=words, day=dt.date.fromisoformat(lifted))
    return said if not why else phrase("{label}: {value}", label=said, value=why)


def _changed(name: str, change: Any) -> Phrase:
    field = BY_NAME.get(name)
    if field is None or not (isinstance(change, list) and len(change) == 2):
        return phrase("{value}", value=name.replace("_", " "))
    before, after = change
    said = field.said(as_chosen(name, after))
    if before is None or before == []:
        return said
    return phrase("{said} (før: {before})", said=said, before=_in_words(as_chosen(name, before)))


def _in_words(value: object) -> object:
    if isinstance(value, Worded):
        return value.words
    if isinstance(value, tuple):
        return listed([phrase("{value}", value=_in_words(one)) for one in value])
    return value
