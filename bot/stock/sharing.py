"""Deliveries shared out: proposed, decided by a person, put right by what was sent, published by rule and sum."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.readable import readable_case
from bot.cases.vocabulary import Status, Visibility
from bot.clock import oslo
from bot.delivery.channels import ChannelKinds
from bot.inquiries.inquiry import Kind
from bot.inquiries.inquiry import State as InquiryState
from bot.inquiries.views import inquiries_of
from bot.inquiries.whom import TRUST, respondents
from bot.messages.message import Message
from bot.messages.phrase import Phrase, phrase
from bot.messages.render import Renderer
from bot.messages.values import Mention
from bot.people.roles import Action, Actor
from bot.people.service import UserGroups
from bot.refusal import Refused
from bot.settings import Settings
from bot.spreadsheet import Cell
from bot.stock.allocation_form import AllocationForm, Among, Base, Row, SentForm, Terms
from storage import allocations as stored
from storage import cases as stored_cases
from storage import inquiries as stored_inquiries
from storage import people
from storage.tables import Allocation, AllocationShare, ShortageCase
from storage.unit_of_work import Answer, Database, UnitOfWork


class State(StrEnum):
    """How far a delivery has come."""

    DRAFT = "draft"
    DECIDED = "decided"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"

    @property
    def words(self) -> Phrase:
        """As people read it."""
        return _STATE_WORDS[self]


_STATE_WORDS = {
    State.DRAFT: phrase("forslag, ikke vedtatt"),
    State.DECIDED: phrase("vedtatt"),
    State.PUBLISHED: phrase("vedtatt og publisert"),
    State.WITHDRAWN: phrase("vedtatt, ikke lenger publisert"),
}


@dataclass(frozen=True, slots=True)
class ShareView:
    """What one receiver gets, and what was really sent (None: nobody has said)."""

    row: Row
    sent: int | None

    @property
    def days_after(self) -> float | None:
        """Days that the receiver's own stock lasts with what was sent, or, until somebody has said, was decided."""
        return (self.row if self.sent is None else replace(self.row, packages=self.sent)).days_after


@dataclass(frozen=True, slots=True)
class AllocationView:
    """One delivery as those who may read it see it."""

    id: int
    case: str
    title: str
    number: int
    state: State
    terms: Terms
    left: int
    shares: tuple[ShareView, ...]
    decided_by: Mention | None
    decided_at: dt.datetime | None
    version: int

    def table(self) -> tuple[list[Cell], list[list[Cell]]]:
        """Headings and a row a receiver, for the wholesaler."""
        headings: list[Cell] = [
            phrase("Sak"), phrase("Legemiddel"), phrase("Leveranse"), phrase("Vedtatt"), phrase("Mottaker"),
            phrase("Pakninger"), phrase("Sendt"), phrase("Nøyaktig andel"), phrase("Unntak"),
        ]  # fmt: skip
        day = oslo(self.decided_at).date() if self.decided_at else None
        rows: list[list[Cell]] = [
            [
                self.case, self.title, self.number, day, share.row.receiver, share.row.packages, share.sent,
                round(share.row.exact, 3), share.row.reason,
            ]
            for share in self.shares
        ]  # fmt: skip
        return headings, rows

    def as_json(self) -> dict[str, Any]:
        """The delivery as another program reads it; quantities in packages, days in the receiver's own use."""
        return {
            "case": self.case,
            "item": self.title,
            "delivery": self.number,
            "state": self.state.value,
            "decided_at": self.decided_at.isoformat() if self.decided_at else None,
            "quantity": self.terms.quantity,
            "reserve": self.terms.reserve,
            "left": self.left,
            "shares": [
                {
                    "receiver": share.row.receiver,
                    "packages": share.row.packages,
                    "sent": share.sent,
                    "exact": round(share.row.exact, 6),
                    "by_rule": share.row.computed,
                    "earlier": share.row.earlier,
                    "why": share.row.reason,
                    "days_before": share.row.days_before,
                    "days_after": share.days_after,
                }
                for share in self.shares
            ],
        }

    @property
    def exceptions(self) -> tuple[Row, ...]:
        """Where a person decided otherwise than the rule."""
        return tuple(share.row for share in self.shares if share.row.reason)

    @property
    def corrected(self) -> bool:
        """Whether something else was sent than was decided."""
        return any(share.sent not in (None, share.row.packages) for share in self.shares)


@dataclass(frozen=True, slots=True)
class AllocationsView:
    """A case's deliveries."""

    case: str
    title: str
    deliveries: tuple[AllocationView, ...]


@dataclass(frozen=True, slots=True)
class Beginning:
    """The form that the next delivery begins with. `counted_on`: the day from which its stock is the hospitals' own."""

    case: str
    title: str
    form: AllocationForm
    counted_on: dt.date | None


@dataclass(frozen=True, slots=True)
class OwnShare:
    """What one receiver gets of one delivery. `withdrawn`: it is not published any longer."""

    case: str
    title: str
    number: int
    decided_on: dt.date
    share: ShareView
    withdrawn: bool = False


_NO_SUCH = phrase("Fordelingen finnes ikke lenger. Skriv «/mangel fordel» og saksnummeret på nytt.")
_CHANGED = phrase("Tidligere leveranser er endret siden forslaget ble laget. Lag det på nytt.")


class AllocationService:
    """Keeps what is shared out of a short medicine, delivery by delivery."""

    def __init__(
        self, database: Database, settings: Settings, renderer: Renderer, channels: ChannelKinds, groups: UserGroups
    ) -> None:
        self._database = database
        self._settings = settings
        self._groups = groups
        self._render = renderer.render
        self._channels = channels

    async def of_case(self, number: str, by: Actor) -> AllocationsView:
        """What has been shared out of a case's medicine. Drafts are its makers' own matter and are left out."""
        by.require(Action.READ_CASES)
        async with self._database.read() as session:
            case = await readable_case(session, number, by)
            rows = await stored.of_case(session, _id(case))
            views = [await self._view(session, case, row) for row in rows if row.state != State.DRAFT]
        return AllocationsView(case.number, case.name, tuple(views))

    async def beginning(self, number: str, by: Actor) -> Beginning:
        """The form of the next delivery: as the last one's, with the stock that the hospitals have counted since.

        The stock is that of the newest stock-taking in packs, where that is newer than the last delivery.
        """
        by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            case = await readable_case(session, number, by)
            rows = await stored.of_case(session, _id(case))
            asked = await inquiries_of(session, await stored_inquiries.of_cases(session, [_id(case)]))
        form = AllocationForm(None, Among.TRUSTS, Base.PEOPLE)
        if rows:
            form = AllocationForm.from_json({**rows[-1].rule, "quantity": None, "exceptions": None})
        counts = [one for one in asked if one.kind is Kind.STOCK and one.state is not InquiryState.WITHDRAWN]
        packs = counts[-1].packs_by_trust if counts else {}
        since = max((one.answer.at for one in counts[-1].answered if one.answer), default=None) if packs else None
        if since is None or form.among is not Among.TRUSTS or (rows and since <= rows[-1].made_at):
            return Beginning(case.number, case.name, form, None)
        lines = "\n".join(f"{trust} {_plain(number)}" for trust, number in sorted(packs.items()))
        return Beginning(case.number, case.name, replace(form, stock=lines), oslo(since).date())

    def receives(self, slack_user: str) -> tuple[str, ...]:
        """The health trusts that a person answers for, as the settings say: a place one says of oneself is no grant."""
        return tuple(trust for trust in self._settings.trusts if slack_user in self._speak_for(trust))

    def _speak_for(self, receiver: str) -> tuple[str, ...]:
        """Those who answer for a health trust, by name or by user group; none for what is no trust."""
        found = respondents([f"{TRUST}{receiver}"], self._settings.trusts, self._groups.members)
        return found[0].people if found else ()

    async def own(self, number: str, by: Actor) -> tuple[OwnShare, ...]:
        """What the health trusts that `by` answers for get of a case's decided deliveries, and nobody else's share.

        Raises `NotAllowed` for whoever answers for none.
        """
        mine = self.receives(by.slack_user)
        if not mine:
            by.require(Action.READ_CASES)
        async with self._database.read() as session:
            case = await stored_cases.by_number(session, number)
            if case is None or case.visibility == Visibility.INTERNAL:
                return ()  # as for a case of which nothing is theirs: the answer does not tell which
            rows = await stored.of_case(session, _id(case))
            views = [await self._view(session, case, row) for row in rows if row.decided_at is not None]
        return tuple(share for view in views for share in _own_of(view) if share.share.row.receiver in mine)

    async def delivery(self, allocation_id: int, by: Actor) -> AllocationView:
        """One delivery; a proposal only for those who make it."""
        by.require(Action.READ_CASES)
        async with self._database.read() as session:
            case, row = await self._found(session, allocation_id, by)
            if row.state == State.DRAFT and not by.may(Action.WORK_ON_CASE):
                raise Refused(_NO_SUCH)
            return await self._view(session, case, row)

    async def propose(self, number: str, form: AllocationForm, by: Actor, *, key: str | None) -> AllocationView:
        """Work out how a delivery would be shared. The proposal replaces the case's last one; nothing is decided."""
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            case = await _open_case(uow.session, number, by)
            rows = await stored.of_case(uow.session, _id(case))
            draft = rows[-1] if rows and rows[-1].state == State.DRAFT else None
            place = draft.number if draft else len(rows) + 1
            shared = form.read(await stored.got_before(uow.session, _id(case), place))
            if draft is None:
                draft = Allocation(
                    case_id=_id(case), number=place, state=State.DRAFT, quantity=0, reserve=0, left=0, rule={},
                    made_by=by.person, made_at=uow.now,
                )  # fmt: skip
                await uow.add(draft)
            else:
                for old in await stored.shares_of(uow.session, _id(draft)):
                    await uow.session.delete(old)
                await uow.session.flush()
            draft.quantity, draft.reserve, draft.left = shared.terms.quantity, shared.terms.reserve, shared.left
            draft.rule, draft.made_by, draft.made_at = form.as_json(), by.person, uow.now
            draft.version += 1
            await uow.add(*(_share(_id(draft), row) for row in shared.rows))
            return {"id": draft.id}

        done = await self._database.once(key, work)
        return await self.delivery(int(done["id"]), by)

    async def decide(self, allocation_id: int, by: Actor, *, version: int, key: str | None) -> AllocationView:
        """Decide what was proposed: it is logged on the case, said in its thread, and counts for the next delivery."""
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            case, row = await self._found(uow.session, allocation_id, by)
            await _open_case(uow.session, case.number, by)
            _refuse_if_changed(row, version)
            if row.state != State.DRAFT:
                raise Refused(phrase("Fordelingen er allerede vedtatt."))
            form = AllocationForm.from_json(row.rule)
            now = form.read(await stored.got_before(uow.session, _id(case), row.number))
            kept = {share.receiver: share.packages for share in await stored.shares_of(uow.session, _id(row))}
            if {one.receiver: one.packages for one in now.rows} != kept:
                raise Refused(_CHANGED)
            row.state, row.decided_by, row.decided_at = State.DECIDED, by.person, uow.now
            row.version += 1
            exceptions = {one.receiver: {"packages": one.packages, "why": one.reason} for one in now.rows if one.reason}
            uow.record(
                f"case:{case.number}", "allocated", by=by.person, delivery=row.number, quantity=row.quantity,
                reserve=row.reserve, left=row.left, packages=kept, exceptions=exceptions,
            )  # fmt: skip
            await self._tell_thread(uow, case, row)
            return {}

        await self._database.once(key, work)
        return await self.delivery(allocation_id, by)

    async def correct(
        self, allocation_id: int, form: SentForm, by: Actor, *, version: int, key: str | None
    ) -> AllocationView:
        """Write down what was really sent; the next delivery makes up for the difference."""
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            case, row = await self._decided(uow.session, allocation_id, by)
            _refuse_if_changed(row, version)
            shares = {share.receiver: share for share in await stored.shares_of(uow.session, _id(row))}
            sent = form.read(list(shares))
            for receiver, share in shares.items():
                share.sent = sent.get(receiver, share.packages)
            row.version += 1
            uow.record(f"case:{case.number}", "allocation_sent", by=by.person, delivery=row.number, sent=sent)
            await self._tell_thread(uow, case, row)
            if row.state == State.PUBLISHED:
                await self._tell_receivers(uow, case, row)
            return {}

        await self._database.once(key, work)
        return await self.delivery(allocation_id, by)

    async def take(self, allocation_id: int, by: Actor, *, key: str | None) -> AllocationView:
        """A decided delivery with who gets what, to be sent to the wholesaler; that it was taken is in the log."""
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            case, row = await self._decided(uow.session, allocation_id, by)
            uow.record(f"case:{case.number}", "allocation_taken", by=by.person, delivery=row.number)
            return {}

        await self._database.once(key, work)
        return await self.delivery(allocation_id, by)

    async def publish(self, allocation_id: int, by: Actor, *, shown: bool, key: str | None) -> Phrase:
        """Show the rule and the sum in the open channel, or (`shown` False) take them back; what to tell `by`."""
        by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            await uow.alone("mangelvakt:cases")
            case, row = await self._decided(uow.session, allocation_id, by)
            if shown and case.visibility != Visibility.PUBLISHED:
                raise Refused(phrase("Saken {number} er ikke publisert. Publiser den først.", number=case.number))
            if shown == (row.state == State.PUBLISHED):
                raise Refused(phrase("Det er allerede gjort."))
            row.state = State.PUBLISHED if shown else State.WITHDRAWN
            row.published_at = uow.now if shown else row.published_at
            row.version += 1
            action = "allocation_published" if shown else "allocation_withdrawn"
            uow.record(f"case:{case.number}", action, by=by.person, delivery=row.number)
            await self._tell_everyone(uow, case, row)
            await self._tell_receivers(uow, case, row)
            return {}

        await self._database.once(key, work)
        if not shown:
            return phrase("Fordelingen er trukket tilbake fra den åpne kanalen.")
        return phrase("Regelen og summen er publisert. Hvem som får hva, er det ikke.")

    async def take_back(self, uow: UnitOfWork, cases: Sequence[ShortageCase], *, by: str | None) -> None:
        """Take back from the open channel what was published of those of `cases` that no longer stand there."""
        hidden = {_id(case): case for case in cases if case.visibility != Visibility.PUBLISHED}
        for row in await stored.in_state(uow.session, hidden, State.PUBLISHED):
            row.state = State.WITHDRAWN
            row.version += 1
            case = hidden[row.case_id]
            uow.record(f"case:{case.number}", "allocation_withdrawn", by=by, delivery=row.number)
            await self._tell_receivers(uow, case, row)
            if self._settings.info_channel is not None:
                await self._tell_everyone(uow, case, row)

    async def decided(self, number: str, place: int | None) -> AllocationView:
        """A case's decided delivery, the last one or number `place`, for whoever runs the bot's command line."""
        async with self._database.read() as session:
            case = await stored_cases.by_number(session, number)
            rows = await stored.of_case(session, _id(case)) if case is not None else []
            chosen = [row for row in rows if row.decided_at is not None and place in (None, row.number)]
            if case is None or not chosen:
                raise Refused(phrase("Sak {number} har ingen slik fordeling.", number=number))
            return await self._view(session, case, chosen[-1])

    # --- what is found ----------------------------------------------------------------------------

    async def _found(self, session: AsyncSession, allocation_id: int, by: Actor) -> tuple[ShortageCase, Allocation]:
        row = await session.get(Allocation, allocation_id)
        if row is None:
            raise Refused(_NO_SUCH)
        case = await session.get(ShortageCase, row.case_id)
        assert case is not None  # noqa: S101
        return await readable_case(session, case.number, by), row

    async def _decided(self, session: AsyncSession, allocation_id: int, by: Actor) -> tuple[ShortageCase, Allocation]:
        case, row = await self._found(session, allocation_id, by)
        if row.state == State.DRAFT:
            raise Refused(phrase("Fordelingen er ikke vedtatt."))
        return case, row

    async def _view(self, session: AsyncSession, case: ShortageCase, row: Allocation) -> AllocationView:
        """The delivery as it was shared out, read from what is kept: a later rule changes nothing of it."""
        form = AllocationForm.from_json(row.rule)
        earlier = await stored.got_before(session, row.case_id, row.number) if form.count_earlier else {}
        shares = tuple(
            ShareView(
                Row(
                    share.receiver, share.exact, share.computed, share.packages, earlier.get(share.receiver, 0),
                    share.reason, share.stock, share.daily_use,
                ),
                share.sent,
            )
            for share in await stored.shares_of(session, _id(row))
        )  # fmt: skip
        names = await people.slack_users(session, [row.decided_by]) if row.decided_by else {}
        return AllocationView(
            id=_id(row),
            case=case.number,
            title=case.name,
            number=row.number,
            state=State(row.state),
            terms=form.terms(),
            left=row.left,
            shares=shares,
            decided_by=Mention(names[row.decided_by]) if row.decided_by in names else None,
            decided_at=row.decided_at,
            version=row.version,
        )

    # --- what is said -----------------------------------------------------------------------------

    async def _tell_thread(self, uow: UnitOfWork, case: ShortageCase, row: Allocation) -> None:
        channel = self._settings.cases_channel
        if channel is None:
            return
        await uow.session.flush()
        view = await self._view(uow.session, case, row)
        message = self._render("allocation_decided.j2", view=view, shares=self._channels.closed(channel))
        await self._say(uow, f"allocation:{row.id}", channel, message, row.version, reply_to=f"card:{case.number}")

    async def _tell_everyone(self, uow: UnitOfWork, case: ShortageCase, row: Allocation) -> None:
        channel = self._settings.info_channel
        if channel is None:
            raise Refused(phrase("Ingen åpen kanal er satt opp (MANGELVAKT_INFO_CHANNEL)."))
        await uow.session.flush()
        message = self._render("allocation_published.j2", view=await self._view(uow.session, case, row))
        await self._say(uow, f"allocation_published:{row.id}", channel, message, row.version)

    async def _tell_receivers(self, uow: UnitOfWork, case: ShortageCase, row: Allocation) -> None:
        """Those who answer for a receiver, each of their own share alone; edited in place where it changes."""
        await uow.session.flush()
        shares = _own_of(await self._view(uow.session, case, row))
        told = [(user, one) for one in shares for user in self._speak_for(one.share.row.receiver)]
        languages = await people.languages(uow.session, [user for user, _ in told]) if told else {}
        for user, one in told:
            message = self._render("allocation_own.j2", languages[user], shares=[one])
            await self._say(uow, f"share:{row.id}:{one.share.row.receiver}:{user}", user, message, row.version)

    async def _say(
        self, uow: UnitOfWork, key: str, channel: str, message: Message, version: int, reply_to: str | None = None
    ) -> None:
        """A message that is edited in place from the second time on."""
        first = await uow.said(key) is None
        await uow.say(
            key if first else f"{key}:v{version}",
            channel,
            message.text,
            message.blocks,
            reply_to=reply_to if first else None,
            edits=None if first else key,
        )


async def _open_case(session: AsyncSession, number: str, by: Actor) -> ShortageCase:
    case = await readable_case(session, number, by)
    if not Status(case.status).is_open:
        raise Refused(phrase("Saken {number} er ikke åpen.", number=number))
    return case


def _own_of(view: AllocationView) -> list[OwnShare]:
    """A decided delivery, a share at a time."""
    if view.decided_at is None:
        return []
    day, gone = oslo(view.decided_at).date(), view.state is State.WITHDRAWN
    return [OwnShare(view.case, view.title, view.number, day, share, gone) for share in view.shares]


def _plain(number: float) -> str:
    """As somebody would write it in a form: "7", "2.5"."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _refuse_if_changed(row: Allocation, version: int) -> None:
    if row.version != version:
        raise Refused(phrase("Fordelingen er endret siden du åpnet den. Åpne den på nytt."))


def _id(row: ShortageCase | Allocation) -> int:
    assert row.id is not None  # noqa: S101
    return row.id


def _share(allocation_id: int, row: Row) -> AllocationShare:
    return AllocationShare(
        allocation_id=allocation_id,
        receiver=row.receiver,
        exact=row.exact,
        computed=row.computed,
        packages=row.packages,
        reason=row.reason,
        stock=row.stock,
        daily_use=row.daily_use,
    )
