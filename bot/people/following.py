"""Who wants to hear of what: a person, or a channel for those who may say so."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, delete, select

from bot.messages.phrase import phrase
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from storage import people
from storage.tables import Follow
from storage.unit_of_work import Answer, Database, UnitOfWork


@dataclass(frozen=True, slots=True)
class Subject:
    """What can be followed: `kind` is case, substance or atc; `label` is what people read."""

    kind: str
    ref: str
    label: str


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of a wish to follow or stop: the label, and whether anything changed."""

    label: str
    changed: bool


class FollowingService:
    """Follows and stops following."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def follow(self, subject: Subject, by: Actor, *, channel: str | None, key: str | None) -> Followed:
        """Let `by`, or `channel`, hear of `subject`. Only the centre may say so for a channel."""
        if channel:
            by.require(Action.FOLLOW_FOR_CHANNEL)
        target = channel or by.slack_user

        async def work(uow: UnitOfWork) -> Answer:
            wanted = select(Follow).where(
                col(Follow.target) == target, col(Follow.kind) == subject.kind, col(Follow.subject) == subject.ref
            )
            if (await uow.session.scalars(wanted)).first():
                return {"label": subject.label, "changed": False}
            await uow.add(
                Follow(
                    target=target,
                    kind=subject.kind,
                    subject=subject.ref,
                    label=subject.label[:300],
                    since=uow.now,
                    by=by.person,
                )
            )
            return {"label": subject.label, "changed": True}

        return Followed(**await self._database.once(key, work))

    async def unfollow(self, subject: Subject, by: Actor, *, channel: str | None, key: str | None) -> Followed:
        """Stop telling `by`, or `channel`, of `subject`."""
        if channel:
            by.require(Action.FOLLOW_FOR_CHANNEL)
        target = channel or by.slack_user

        async def work(uow: UnitOfWork) -> Answer:
            gone = await uow.session.execute(
                delete(Follow).where(
                    col(Follow.target) == target, col(Follow.kind) == subject.kind, col(Follow.subject) == subject.ref
                )
            )
            return {"label": subject.label, "changed": bool(gone.rowcount)}  # type: ignore[attr-defined]

        return Followed(**await self._database.once(key, work))

    async def stop(self, follow_label: str, by: Actor, *, channel: str | None, key: str | None) -> Followed:
        """Stop following what is called `follow_label`, as a message in `channel` (None: to the person) named it.

        Raises `Refused` where it is unknown.
        """
        async with self._database.read() as session:
            known = await people.follows_of(session, channel or by.slack_user)
        follow = next((one for one in known if one.label == follow_label), None)
        if follow is None:
            raise Refused(phrase("{label} følges ikke lenger.", label=follow_label))
        return await self.unfollow(Subject(follow.kind, follow.subject, follow.label), by, channel=channel, key=key)

    async def followed_by(self, by: Actor) -> list[str]:
        """The labels of what `by` follows."""
        async with self._database.read() as session:
            return [follow.label for follow in await people.follows_of(session, by.slack_user)]
