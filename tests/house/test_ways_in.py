"""Every command, button, form, shortcut and event that the bot listens to stands in the role table."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from slack_bolt.async_app import AsyncApp

import handlers
from bot.app import assemble
from bot.clock import SystemClock
from bot.commands import COMMANDS, LOOK_UP, STOP_HINT
from bot.people.surface import FROM_SLACK_ITSELF, WAYS_IN, Kind
from bot.settings import load_settings
from storage.unit_of_work import Database


class Listened(AsyncApp):
    """Bolt's app, which notes what it is asked to listen to."""

    def __init__(self) -> None:
        super().__init__(token="xoxb-1", signing_secret="secret")
        self.heard: list[tuple[Kind, str]] = []

    def _note(self, kind: Kind, constraint: Any) -> None:
        self.heard.append((kind, constraint.pattern if isinstance(constraint, re.Pattern) else str(constraint)))

    def action(self, constraints: Any, *more: Any, **named: Any) -> Any:
        self._note(Kind.BUTTON, constraints)
        return super().action(constraints, *more, **named)

    def view(self, constraints: Any, *more: Any, **named: Any) -> Any:
        self._note(Kind.FORM, constraints)
        return super().view(constraints, *more, **named)

    def options(self, constraints: Any, *more: Any, **named: Any) -> Any:
        self._note(Kind.TYPE_AHEAD, constraints)
        return super().options(constraints, *more, **named)

    def shortcut(self, constraints: Any, *more: Any, **named: Any) -> Any:
        self._note(Kind.SHORTCUT, constraints)
        return super().shortcut(constraints, *more, **named)

    def event(self, event: Any, *more: Any, **named: Any) -> Any:
        self._note(Kind.EVENT, event)
        return super().event(event, *more, **named)

    def command(self, command: Any, *more: Any, **named: Any) -> Any:
        self._note(Kind.COMMAND, command)
        return super().command(command, *more, **named)


def test_everything_that_is_listened_to_has_its_line_in_the_table(tmp_path: Path) -> None:
    """Every listener that is registered has a line in the table, and every line has a listener."""
    app = Listened()
    database = Database.at(f"sqlite:///{tmp_path / 'none.sqlite'}", SystemClock().now)
    handlers.register_all(app, assemble(load_settings(), database, SystemClock()))
    assert len(app.heard) == len(app._async_listeners), "something is listened to in a way that this test cannot see"
    heard = {(kind, name) for kind, name in app.heard if kind is not Kind.COMMAND}
    heard |= {(Kind.COMMAND, command.name) for command in COMMANDS} | {
        (Kind.COMMAND, one) for one in (LOOK_UP, STOP_HINT)
    }
    told = {(way.kind, way.name) for way in WAYS_IN} | {(Kind.EVENT, name) for name in FROM_SLACK_ITSELF}

    def same(one: tuple[Kind, str], other: tuple[Kind, str]) -> bool:
        return one == other or (one[0] is other[0] and one[1].startswith("^") and bool(re.match(one[1], other[1])))

    missing = sorted(f"{kind.value} {name}" for kind, name in heard if not any(same((kind, name), one) for one in told))
    assert not missing, (
        f"Not in the role table: {', '.join(missing)}.\nAdd each to WAYS_IN in bot/people/surface.py, with the grant "
        "(Action) that its service asks for, what its value names (About), whose things it holds of (Whose), and "
        "changes=True where it stores something; a button in a window has that window's callback_id as `where`. Then "
        "run tests/journeys/test_every_way_in.py, which drives them: there a form that needs more than it opens with "
        "is filled in by FILLED, a form whose button is not called as it is named in OPENED_BY, a command that needs "
        "words has them in WORDS, and a new kind of About has its value in _things."
    )
    gone = sorted(f"{kind.value} {name}" for kind, name in told if not any(same(one, (kind, name)) for one in heard))
    assert not gone, f"In the role table, but nobody listens: {', '.join(gone)}. Take it out of bot/people/surface.py."
