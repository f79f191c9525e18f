"""What a card says of the questions in its case: what is out, and how far a reply to DMP has come."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.inquiries.inquiry import Kind, State
from bot.inquiries.steps import Path, Step, Taken
from storage import inquiries as stored
from storage.tables import ShortageCase


@dataclass(frozen=True, slots=True)
class AskedLine:
    """One question: open, or on its way to a reply (`path`). Who has answered stands in the case's thread."""

    kind: Kind
    state: State
    deadline: dt.datetime
    path: Path | None

    @property
    def is_under_way(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state is State.OPEN or self.waits_for_reply

    @property
    def waits_for_reply(self) -> bool:
        """Whether DMP waits for the centre."""
        return self.path is not None and self.path.replied_on is None and self.state is not State.WITHDRAWN


async def asked_in_cases(session: AsyncSession, cases: Sequence[ShortageCase]) -> dict[int, tuple[AskedLine, ...]]:
    """Case id → its questions that are under way, oldest first; at most two queries."""
    rows = await stored.of_cases(session, [case.id for case in cases if case.id is not None])
    if not rows:
        return {}
    steps = await stored.steps_of(session, [row.id or 0 for row in rows if row.reply_by])
    found: dict[int, list[AskedLine]] = defaultdict(list)
    for row in rows:
        path = None
        if row.reply_by is not None:
            path = Path(
                tuple(Taken(Step(one.step), one.on, None, one.words) for one in steps[row.id or 0]), row.reply_by
            )
        line = AskedLine(Kind(row.kind), State(row.state), row.deadline, path)
        if line.is_under_way:
            found[row.case_id].append(line)
    return {case_id: tuple(lines) for case_id, lines in found.items()}
