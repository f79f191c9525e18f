"""What was done to a case, in a few words: the lines of the audit log for somebody who was away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from bot.cases.vocabulary import Status, Visibility
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
