"""A question in a mention or a direct message, read by rules: which command it asks for, and about what."""

from __future__ import annotations

import re

from bot.commands import LOOK_UP, Said, case_number, parse

_MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")
_STOCK = re.compile(r"\b(?:har vi nok|nok|lager(?:et)?|beholdning|rekker|hvor mye|hvor lenge|stock)\b", re.IGNORECASE)
_LIST = re.compile(r"\b(?:hvilke|liste|alle saker|hva mangler|hva er det mangel på)\b", re.IGNORECASE)
_MEETING = re.compile(r"\b(?:møte|møtet|mangelmøtet|agenda)\b", re.IGNORECASE)
_HELP = re.compile(r"\b(?:hjelp|hva kan du|help|hei|hallo)\b", re.IGNORECASE)
_REPORT = re.compile(r"^(?:meld|vi mangler|jeg vil melde|tomt for|det er tomt for|mangler)\b", re.IGNORECASE)
_CASE = re.compile(r"\b\d{4}-\d{1,5}\b")


def read_question(text: str) -> Said:
    """What is asked, as if it had been typed after `/mangel`. Nothing read here changes anything.

    "meld …" and "vi mangler …" only offer the form; "følg" and "slutt å følge" want the command itself.
    """
    text = " ".join(_MENTION.sub(" ", text).split())
    said = parse(text)
    if not text or _HELP.fullmatch(text.strip(" !.?")):
        return Said("hjelp", "")
    if said.command != LOOK_UP:
        return said
    number = _CASE.search(text)
    if number:
        return Said("status", case_number(number[0]) or "")
    if _REPORT.search(text):
        return Said("meld", _REPORT.sub("", text).strip())
    if _STOCK.search(text):
        return Said("lager", text)
    if _MEETING.search(text):
        return Said("møte", "")
    if _LIST.search(text) and len(text.split()) <= 6:
        return Said("liste", "")
    if _HELP.search(text) and len(text.split()) <= 4:
        return Said("hjelp", "")
    return Said(LOOK_UP, text)
