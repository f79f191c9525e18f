"""Expert panels: who is in one, appointed by whom, and what they were asked and answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.forms import LONGEST_NAME, Problems
from bot.clock import oslo
from bot.inquiries.inquiry import Inquiry
from bot.inquiries.views import inquiries_of
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.people.roles import Action, Actor
from bot.people.service import PeopleService
from bot.refusal import FormRefused, Refused
from storage import panels as stored
from storage import people as stored_people
from storage.tables import ExpertPanel, PanelMember
from storage.unit_of_work import Answer, Database, UnitOfWork

LONGEST_FIELD = 60
MOST_MEMBERS = 30
ALONE = "mangelvakt:panels"

_GONE = phrase("Fagpanelet finnes ikke lenger. Skriv «/mangel panel» på nytt.")


@dataclass(frozen=True, slots=True)
class Expert:
    """One of a panel: in Slack (`person`), or by `name`. `left_on`: since when they are gone from Slack."""

    id: int
    person: Mention | None
    name: str | None
    role: str
    appointed_by: str
    appointed_on: dt.date
    left_on: dt.date | None

    @property
    def who(self) -> str | Mention | Phrase:
        """Who it is, as people read it."""
        return self.person or self.name or phrase("en som er slettet")


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel, and what it was asked, newest first."""

    id: int
    field: str
    experts: tuple[Expert, ...]
    inquiries: tuple[Inquiry, ...] = ()

    @property
    def left(self) -> tuple[Expert, ...]:
        """Who has left Slack, and is to be replaced or called."""
        return tuple(one for one in self.experts if one.left_on)


@dataclass(frozen=True, slots=True)
class ExpertForm:
    """Somebody who comes into a panel: a Slack id, or a name."""

    slack_user: str | None
    name: str | None
    role: str | None
    appointed_by: str | None
    appointed_on: dt.date | None

    def check(self, today: dt.date) -> dt.date:
        """The day of the appointment. Raises `FormRefused` with every field that is wrong."""
        problems = Problems()
        for field in ("name", "role", "appointed_by"):
            problems.short_enough(getattr(self, field), LONGEST_NAME, field=field)
            problems.no_identity_number(getattr(self, field), field=field)
        if bool(self.slack_user) == bool(self.name):
            problems.add("name", Refused(phrase("Velg en person i Slack, eller skriv navnet. Ikke begge.")))
        if not self.role:
            problems.add("role", Refused(phrase("Skriv fag og arbeidssted.")))
        if not self.appointed_by:
            problems.add("appointed_by", Refused(phrase("Skriv hvem som har oppnevnt.")))
        day = self.appointed_on or today
        if problems.sensible(day, field="appointed_on") and day > today:
            problems.add("appointed_on", Refused(phrase("Dagen er ikke kommet ennå. Rett datoen.")))
        problems.raise_if_any()
        return day


class PanelService:
    """Keeps the panels. The centre changes them, the meeting reads them."""

    def __init__(self, database: Database, people: PeopleService) -> None:
        self._database = database
        self._people = people

    async def every(self, by: Actor) -> list[Panel]:
        """All panels by name, with who is in them."""
        by.require(Action.READ_CASES)
        async with self._database.read() as session:
            return await panels_of(session, await stored.panels(session))

    async def panel(self, panel_id: int, by: Actor) -> Panel:
        """One panel, and what it was asked in the cases that `by` may read."""
        by.require(Action.READ_CASES)
        async with self._database.read() as session:
            row = await session.get(ExpertPanel, panel_id)
            if row is None:
                raise Refused(_GONE)
            panel = (await panels_of(session, [row]))[0]
            hidden = [] if by.may(Action.READ_INTERNAL_CASES) else ["internal"]
            asked = await inquiries_of(session, await stored.asked_of(session, panel_id, without=hidden))
        return Panel(panel.id, panel.field, panel.experts, tuple(asked))

    async def make(self, field: str | None, by: Actor, *, key: str | None) -> int:
        """A new panel for a field; its id. Raises `FormRefused` where there is one already."""
        by.require(Action.WORK_ON_CASE)
        problems = Problems()
        problems.short_enough(field, LONGEST_FIELD, field="field")
        problems.no_identity_number(field, field="field")
        if not field:
            problems.add("field", Refused(phrase("Skriv fagfeltet, for eksempel onkologi.")))
        problems.raise_if_any()

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(ALONE)
            if any(row.field.casefold() == str(field).casefold() for row in await stored.panels(uow.session)):
                raise FormRefused([Refused(phrase("Det er et slikt panel allerede."), field="field")])
            row = ExpertPanel(field=str(field), made_by=by.person, made_at=uow.now)
            await uow.add(row)
            uow.record(f"panel:{row.id}", "panel_made", by=by.person, field=field)
            return {"panel": row.id}

        return int((await self._database.once(key, work))["panel"])

    async def add(self, panel_id: int, form: ExpertForm, by: Actor, *, key: str | None) -> None:
        """Somebody comes into a panel."""
        by.require(Action.WORK_ON_CASE)
        person = (await self._people.actor(form.slack_user)).person if form.slack_user else None

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(ALONE)
            row = await uow.session.get(ExpertPanel, panel_id)
            if row is None:
                raise Refused(_GONE)
            day = form.check(oslo(uow.now).date())
            there = (await stored.members_of(uow.session, [panel_id]))[panel_id]
            if len(there) >= MOST_MEMBERS:
                raise Refused(phrase("Et panel har høyst {most} medlemmer.", most=MOST_MEMBERS))
            if any((one.person and one.person == person) or (one.name and one.name == form.name) for one in there):
                raise FormRefused([Refused(phrase("Vedkommende er med i panelet allerede."), field="name")])
            await uow.add(
                PanelMember(
                    panel_id=panel_id, person=person, name=form.name, role=str(form.role),
                    appointed_by=str(form.appointed_by), appointed_on=day, added_by=by.person, added_at=uow.now,
                )
            )  # fmt: skip
            uow.record(
                f"panel:{panel_id}", "expert_added", by=by.person, field=row.field, role=form.role,
                appointed_by=form.appointed_by, appointed_on=day.isoformat(),
            )  # fmt: skip
            return {}

        await self._database.once(key, work)

    async def remove(self, member_id: int, by: Actor, *, key: str | None) -> Phrase:
        """Somebody goes out of a panel; what they have answered stays. What to tell `by`."""
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone(ALONE)
            row = await uow.session.get(PanelMember, member_id)
            if row is None:
                raise Refused(_GONE)
            if row.removed_at is not None:
                raise Refused(phrase("Det er allerede gjort."))
            row.removed_at = uow.now
            uow.record(f"panel:{row.panel_id}", "expert_removed", by=by.person, role=row.role)
            return {}

        await self._database.once(key, work)
        return phrase("Vedkommende er tatt ut av panelet. Svarene som er gitt, står.")

    # --- those who leave Slack ---

    async def in_slack(self) -> list[str]:
        """The Slack ids of all experts who have not been seen to leave."""
        async with self._database.read() as session:
            persons = await stored.persons(session)
            return sorted((await stored_people.slack_users(session, persons)).values())

    async def left(self, slack_users: Collection[str]) -> int:
        """These have left Slack: it is said wherever their panels are shown. How many memberships that were."""
        async with self._database.unit_of_work() as uow:
            await uow.alone(ALONE)
            gone = 0
            for slack_user in slack_users:
                person = await stored_people.by_slack_user(uow.session, slack_user)
                for row in await stored.memberships(uow.session, person.id) if person else []:
                    row.left_at = uow.now
                    uow.record(f"panel:{row.panel_id}", "expert_left", by=None, role=row.role)
                    gone += 1
            return gone


async def panels_of(session: AsyncSession, rows: Collection[ExpertPanel]) -> list[Panel]:
    """The panels with who is in them, by two queries."""
    members = await stored.members_of(session, [row.id or 0 for row in rows])
    persons = {one.person for them in members.values() for one in them if one.person}
    names = await stored_people.slack_users(session, persons)

    def expert(row: PanelMember) -> Expert:
        person = names.get(row.person or "")
        left = oslo(row.left_at).date() if row.left_at else None
        mention = Mention(person) if person else None
        return Expert(row.id or 0, mention, row.name, row.role, row.appointed_by, row.appointed_on, left)

    return [Panel(row.id or 0, row.field, tuple(expert(one) for one in members[row.id or 0])) for row in rows]
