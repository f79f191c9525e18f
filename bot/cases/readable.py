"""The case that a person names, where they may read it in full."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.visibility import readable_by
from bot.messages.phrase import phrase
from bot.people.roles import Actor
from bot.refusal import Refused
from storage import cases as stored
from storage.tables import ShortageCase


async def readable_case(session: AsyncSession, number: str, by: Actor) -> ShortageCase:
    """The case with this number. Raises `Refused`, in the same words, where there is none and where `by` may not."""
    case = await stored.by_number(session, number)
    if case is None or case.visibility not in readable_by(by):
        raise Refused(phrase("Fant ikke sak {number}.", number=number))
    return case
