"""Whose eyes a case is for."""

from __future__ import annotations

from bot.cases.vocabulary import Visibility
from bot.people.roles import Action, Actor


def readable_by(actor: Actor) -> tuple[Visibility, ...]:
    """The visibilities of the cases that `actor` may read in full."""
    if actor.may(Action.READ_INTERNAL_CASES):
        return tuple(Visibility)
    if actor.may(Action.READ_CASES):
        return (Visibility.MEETING, Visibility.PUBLISHED)
    return (Visibility.PUBLISHED,)


def is_hidden(visibility: Visibility, actor: Actor) -> bool:
    """Whether `actor`, who has not reported it, may not even hear that there is such a case."""
    return visibility is Visibility.INTERNAL and visibility not in readable_by(actor)
