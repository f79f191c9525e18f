"""Who may do what, in one table. The services ask it; buttons only show what it allows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.messages.phrase import phrase
from bot.refusal import NotAllowed


class Role(StrEnum):
    """Granted by name or user group, whatever the organisation. Without a grant one is a clinician."""

    CLINICIAN = "clinician"
    CENTRE = "centre"
    STOCK_MANAGER = "stock_manager"
    MEETING = "meeting"
    SIGNER = "signer"
    ADMIN = "admin"


class Action(StrEnum):
    """What a person can ask of the bot."""

    REPORT = "report"
    READ_PUBLISHED = "read_published"
    READ_CASES = "read_cases"
    READ_INTERNAL_CASES = "read_internal_cases"
    READ_STOCK = "read_stock"
    WORK_ON_CASE = "work_on_case"
    SIGN_ASSESSMENT = "sign_assessment"
    STORE_STOCK = "store_stock"
    ANSWER_ALERT = "answer_alert"
    KEEP_POOLS = "keep_pools"
    READ_DIGEST = "read_digest"
    RUN_MEETING = "run_meeting"
    READ_STATISTICS = "read_statistics"
    FOLLOW = "follow"
    FOLLOW_FOR_CHANNEL = "follow_for_channel"
    KEEP_CATALOGUE = "keep_catalogue"


ALLOWED: dict[Action, frozenset[Role]] = {
    Action.REPORT: frozenset(Role),
    Action.READ_PUBLISHED: frozenset(Role),
    Action.FOLLOW: frozenset(Role),
    Action.READ_CASES: frozenset({Role.CENTRE, Role.MEETING, Role.ADMIN}),
    Action.READ_INTERNAL_CASES: frozenset({Role.CENTRE, Role.ADMIN}),
    Action.READ_STOCK: frozenset({Role.CENTRE, Role.MEETING, Role.STOCK_MANAGER, Role.ADMIN}),
    Action.WORK_ON_CASE: frozenset({Role.CENTRE, Role.ADMIN}),
    Action.SIGN_ASSESSMENT: frozenset({Role.SIGNER}),
    Action.STORE_STOCK: frozenset({Role.CENTRE, Role.STOCK_MANAGER, Role.ADMIN}),
    Action.ANSWER_ALERT: frozenset({Role.CENTRE, Role.STOCK_MANAGER, Role.ADMIN}),
    Action.KEEP_POOLS: frozenset({Role.CENTRE, Role.STOCK_MANAGER, Role.ADMIN}),
    Action.READ_DIGEST: frozenset({Role.CENTRE, Role.MEETING, Role.ADMIN}),
    Action.RUN_MEETING: frozenset({Role.CENTRE, Role.MEETING, Role.ADMIN}),
    Action.READ_STATISTICS: frozenset({Role.CENTRE, Role.MEETING, Role.ADMIN}),
    Action.FOLLOW_FOR_CHANNEL: frozenset({Role.CENTRE, Role.ADMIN}),
    Action.KEEP_CATALOGUE: frozenset({Role.CENTRE, Role.ADMIN}),
}
"""DESIGN §1's roles. A stock manager's grant holds for their own pools only (`Actor.manages`)."""

EVERY_POOL = frozenset({"*"})


@dataclass(frozen=True, slots=True)
class Actor:
    """The person at the other end: their key, Slack id, language (bokmål where none is chosen), remembered place and
    grants.
    """

    person: str
    slack_user: str
    language: str
    place: str | None
    roles: frozenset[Role]
    pools: frozenset[str] = frozenset()
    language_chosen: bool = False

    def asking_in(self, language: str) -> Actor:
        """The same person, who reads `language` as long as they have chosen none."""
        return self if self.language_chosen else replace(self, language=language)

    def may(self, action: Action) -> bool:
        """True where one of the actor's roles allows `action`."""
        return bool(ALLOWED[action] & self.roles)

    def require(self, action: Action) -> None:
        """Raise `NotAllowed` where `may` says no."""
        if not self.may(action):
            raise NotAllowed(phrase("Dette er bare for dem som har fått tilgang. Spør Mangelsenteret om tilgang."))

    def manages(self, pool: str) -> bool:
        """True for the centre, and for managers of `pool`."""
        return bool(self.roles & {Role.CENTRE, Role.ADMIN}) or self.pools == EVERY_POOL or pool in self.pools

    def sees_stock_of(self, pool: str) -> bool:
        """True where the actor may see `pool`'s numbers: the centre, the meeting, and the pool's managers."""
        return Role.MEETING in self.roles or self.manages(pool)
