"""A case's public text: drafted by one, approved by a person, in up to three languages, and where else it stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.forms import LONGEST_TEXT, Problems
from bot.cases.vocabulary import Worded
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.refusal import Refused
from storage import people
from storage import public_texts as stored
from storage.tables import PublicText, ShortageCase
from storage.unit_of_work import UnitOfWork

FIELDS = {"nb": "advice", "nn": "advice_nn", "en": "advice_en"}
"""Language → the form's field, which is the case's column too."""


class Place(Worded):
    """Where an approved text is taken, beside the open channel."""

    HOME_PAGE = "home_page", phrase("hjemmesiden")
    FELLESKATALOGEN = "felleskatalogen", phrase("Felleskatalogen")
    LETTER = "letter", phrase("brevet til fagdirektørene")


@dataclass(frozen=True, slots=True)
class Texts:
    """The same text in the languages that it was written in."""

    nb: str | None = None
    nn: str | None = None
    en: str | None = None

    def check(self, *, published: bool) -> None:
        """Raise `FormRefused` with every field that is wrong. Nobody reads a translation of nothing."""
        problems = Problems()
        for language, field in FIELDS.items():
            text = getattr(self, language)
            problems.short_enough(text, LONGEST_TEXT, field=field)
            problems.no_identity_number(text, field=field)
        if (self.nn or self.en) and not self.nb and published:
            problems.add("advice", Refused(phrase("Skriv teksten på bokmål også. Den er det alle kan få.")))
        problems.raise_if_any()


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that is not approved yet, for the centre alone."""

    texts: Texts
    by: Mention | None
    at: dt.datetime


async def draft_of(session: AsyncSession, case_id: int) -> Draft | None:
    """What waits for approval in a case."""
    row = await stored.newest(session, case_id, stored.DRAFT)
    if row is None:
        return None
    names = await people.slack_users(session, [row.drafted_by])
    by = Mention(names[row.drafted_by]) if row.drafted_by in names else None
    return Draft(Texts(row.nb, row.nn, row.en), by, row.drafted_at)


async def keep_draft(uow: UnitOfWork, case: ShortageCase, texts: Texts, by: str) -> None:
    """Write down what may be published once somebody has approved it; an earlier draft is replaced."""
    row = await stored.newest(uow.session, case.id or 0, stored.DRAFT)
    if row is None:
        row = PublicText(case_id=case.id or 0, state=stored.DRAFT, drafted_by=by, drafted_at=uow.now)
        await uow.add(row)
    row.nb, row.nn, row.en, row.drafted_by, row.drafted_at = texts.nb, texts.nn, texts.en, by, uow.now


async def approve(uow: UnitOfWork, case: ShortageCase, texts: Texts, by: str) -> tuple[Place, ...]:
    """The text is the case's from now on; where the one before it was taken, and has to be put right by hand."""
    before = await stored.newest(uow.session, case.id or 0, stored.APPROVED)
    row = await stored.newest(uow.session, case.id or 0, stored.DRAFT)
    if row is None:
        row = PublicText(case_id=case.id or 0, state=stored.DRAFT, drafted_by=by, drafted_at=uow.now)
        await uow.add(row)
    row.nb, row.nn, row.en = texts.nb, texts.nn, texts.en
    row.state, row.approved_by, row.approved_at = stored.APPROVED, by, uow.now
    for language, column in FIELDS.items():
        setattr(case, column, getattr(texts, language))
    case.advice_by = by
    return await _over(before)


async def withdraw(uow: UnitOfWork, case: ShortageCase) -> tuple[Place, ...]:
    """The case is published no more; where its text was taken, and has to be taken down by hand."""
    row = await stored.newest(uow.session, case.id or 0, stored.APPROVED)
    places = tuple(map(Place, row.places)) if row else ()
    if row is not None:
        row.places = {}
    return places


async def _over(before: PublicText | None) -> tuple[Place, ...]:
    if before is None:
        return ()
    before.state = stored.OVER
    return tuple(map(Place, before.places))


def by_hand(places: tuple[Place, ...]) -> Phrase | None:
    """What somebody has to do where the bot does not reach."""
    if not places:
        return None
    return phrase("Teksten står også på {places}: rett den der.", places=tuple(place.words for place in places))
