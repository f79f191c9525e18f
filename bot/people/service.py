"""Who is asking: their key, language and place from the base, their grants from settings and user groups."""

from __future__ import annotations

import uuid
from dataclasses import replace

from sqlalchemy.exc import IntegrityError

from bot.messages.phrase import phrase
from bot.messages.words import SOURCE_LANGUAGE, language_named
from bot.people.roles import ALLOWED, EVERY_POOL, Action, Actor, Role
from bot.refusal import Refused
from bot.settings import Settings
from storage import people
from storage.tables import Person
from storage.unit_of_work import Answer, Database, UnitOfWork


class UserGroups:
    """Members of the Slack user groups that grant roles, as last read from Slack."""

    def __init__(self) -> None:
        self.members: dict[str, frozenset[str]] = {}
        self.left: frozenset[str] = frozenset()
        """Those who are granted something by name and whose account is closed."""

    def holds(self, group: str | None, slack_user: str) -> bool:
        """True where `slack_user` was in `group` when it was last read."""
        return group is not None and slack_user in self.members.get(group, frozenset())


class PeopleService:
    """Finds the person behind a Slack id and what they may do."""

    def __init__(self, database: Database, settings: Settings, groups: UserGroups) -> None:
        self._database = database
        self._settings = settings
        self.groups = groups

    async def actor(self, slack_user: str, slack_team: str | None = None) -> Actor:
        """The actor for a Slack user id; a person seen for the first time is given a key."""
        async with self._database.read() as session:
            person = await people.by_slack_user(session, slack_user)
        if person is None:
            person = await self._first_seen(slack_user, slack_team)
        roles, pools = self.grants(slack_user)
        chosen = person.language
        return Actor(
            person.id, slack_user, chosen or SOURCE_LANGUAGE, person.place, roles, pools, language_chosen=bool(chosen)
        )

    async def language_of(self, slack_user: str) -> str:
        """What a person reads, where nothing else about them matters."""
        async with self._database.read() as session:
            return (await people.languages(session, [slack_user]))[slack_user]

    async def choose_language(self, words: str, by: Actor, *, key: str | None) -> Actor:
        """`by` reads another language from now on: a code, or the language's name in any of them.

        Raises `Refused` where `words` name no language that we have.
        """
        code = language_named(words)
        if code is None:
            raise Refused(phrase("Skriv bokmål, nynorsk eller engelsk."))

        async def work(uow: UnitOfWork) -> Answer:
            person = await uow.session.get_one(Person, by.person)
            person.language = code
            return {}

        await self._database.once(key, work)
        return replace(by, language=code, language_chosen=True)

    async def _first_seen(self, slack_user: str, slack_team: str | None) -> Person:
        try:
            async with self._database.unit_of_work() as uow:
                person = Person(id=str(uuid.uuid4()), slack_user=slack_user, slack_team=slack_team, first_seen=uow.now)
                await uow.add(person)
                return person
        except IntegrityError:  # two of their clicks came at once
            async with self._database.read() as session:
                known = await people.by_slack_user(session, slack_user)
            if known is None:
                raise
            return known

    def grants(self, slack_user: str) -> tuple[frozenset[Role], frozenset[str]]:
        """The roles of a Slack user, and the pools they manage."""
        settings = self._settings
        roles = {Role.CLINICIAN}
        if slack_user in settings.roles.centre or self.groups.holds(settings.centre_group, slack_user):
            roles.add(Role.CENTRE)
            if not settings.roles.signers or slack_user in settings.roles.signers:
                roles.add(Role.SIGNER)
        if slack_user in settings.roles.meeting or self.groups.holds(settings.meeting_group, slack_user):
            roles.add(Role.MEETING)
        if slack_user in settings.roles.admin:
            roles.add(Role.ADMIN)
        pools = frozenset(pool for pool, said in settings.pools.items() if slack_user in said.managers)
        if slack_user in settings.stock_managers:
            pools = EVERY_POOL
        if pools:
            roles.add(Role.STOCK_MANAGER)
        return frozenset(roles), pools

    @property
    def grants_are_known(self) -> bool:
        """Whether the user groups that grant something have been read, so that no grant means none."""
        named = {self._settings.centre_group, self._settings.meeting_group} - {None}
        return named <= set(self.groups.members)

    def works_on_cases(self, slack_user: str) -> bool:
        """Whether a Slack user works on cases still; who left the workspace is in no user group any more.

        Yes where the centre's group has not been read: nobody is taken for gone by mistake.
        """
        if slack_user in self.groups.left:
            return False
        group = self._settings.centre_group
        if group is not None and group not in self.groups.members:
            return True
        return bool(ALLOWED[Action.WORK_ON_CASE] & self.grants(slack_user)[0])

    async def slack_ids(self, persons: set[str]) -> dict[str, str]:
        """The Slack ids behind person keys; erased persons are left out."""
        async with self._database.read() as session:
            return await people.slack_users(session, persons)
