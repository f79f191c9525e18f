"""Questions read from what is kept, with who was asked and what they answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.views import named
from bot.cases.vocabulary import CameBy
from bot.inquiries.inquiry import AnswerKind, Given, Inquiry, Kind, Respondent, State
from bot.inquiries.steps import Path, Step, Taken
from bot.messages.values import ChannelLink, Mention
from storage import cases as stored_cases
from storage import inquiries as stored
from storage import panels as stored_panels
from storage import people
from storage.tables import Inquiry as Row
from storage.tables import InquiryAnswer, InquiryAsked, InquiryStep, InquiryTarget


def key_of(inquiry_id: int | None, target: InquiryTarget) -> str:
    """Under which the question was said to one whom it went to."""
    return f"inquiry:{inquiry_id}:{target.asked_id}:{target.id}"


async def inquiries_of(session: AsyncSession, rows: Sequence[Row]) -> list[Inquiry]:
    """The questions, in their order, by a fixed number of queries."""
    if not rows:
        return []
    ids = [row.id for row in rows if row.id is not None]
    cases = await stored_cases.by_ids(session, {row.case_id for row in rows})
    asked = await stored.asked_in(session, ids)
    asked_ids = [one.id for them in asked.values() for one in them if one.id is not None]
    targets = await stored.targets_of(session, asked_ids)
    answers = await stored.answers_of(session, asked_ids)
    steps = await stored.steps_of(session, [row.id or 0 for row in rows if row.reply_by])
    persons = {row.asked_by for row in rows} | {step.by for them in steps.values() for step in them}
    persons |= {answer.by for answer in answers.values()}
    persons |= {one.person for them in asked.values() for one in them if one.person}
    persons |= {target.person for them in targets.values() for target in them if target.person}
    names = await people.slack_users(session, persons)
    keys = [key_of(row.id, target) for row in rows for one in asked[row.id or 0] for target in targets[one.id or 0]]
    lost = await stored.undelivered(session, keys)
    left = await stored_panels.left(session, {one.person for them in targets.values() for one in them if one.person})

    def mention(person: str | None) -> Mention | None:
        return Mention(names[person]) if person in names else None

    def where(target: InquiryTarget) -> Mention | ChannelLink | None:
        return ChannelLink(target.channel) if target.channel else mention(target.person)

    def view(one: InquiryAsked) -> Respondent:
        mine = [(target, at) for target in targets[one.id or 0] if (at := where(target)) is not None]
        return Respondent(
            id=one.id or 0,
            name=one.name,
            person=mention(one.person),
            region=one.region,
            trust=one.trust,
            reached=tuple(at for _, at in mine),
            lost=tuple(at for target, at in mine if key_of(one.inquiry_id, target) in lost or target.person in left),
            answer=given(answers[one.id or 0], mention(answers[one.id or 0].by)) if one.id in answers else None,
        )

    return [
        Inquiry(
            id=row.id or 0,
            case=cases[row.case_id].number,
            title=named(cases[row.case_id].name, cases[row.case_id].substance),
            kind=Kind(row.kind),
            words=row.words,
            answer=AnswerKind(row.answer),
            unit=row.unit,
            pack=row.pack,
            choices=tuple(row.choices),
            first=row.first,
            last=row.last,
            deadline=row.deadline,
            reply_by=row.reply_by,
            state=State(row.state),
            by=mention(row.asked_by),
            asked_at=row.asked_at,
            asked=tuple(view(one) for one in asked[row.id or 0]),
            version=row.version,
            path=path_of(row.reply_by, steps[row.id or 0], mention) if row.reply_by else None,
        )
        for row in rows
    ]


def path_of(reply_by: dt.date, steps: Sequence[InquiryStep], mention: Callable[[str], Mention | None]) -> Path:
    """The way to a reply as plain values."""
    return Path(tuple(Taken(Step(one.step), one.on, mention(one.by), one.words) for one in steps), reply_by)


def given(row: InquiryAnswer, by: Mention | None) -> Given:
    """One answer as plain values."""
    return Given(
        at=row.at,
        by=by,
        quantity=row.quantity,
        packs=row.packs,
        choice=row.choice,
        words=row.words,
        came_by=CameBy(row.came_by) if row.came_by else None,
        told_by=row.told_by,
        late=row.late,
    )
