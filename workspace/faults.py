"""Faults made on purpose, and the ledger of what the bot asked for."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field
from typing import Literal

from workspace.state import Json


@dataclass
class Call:
    """One request of the bot: a Web API method, or `response_url`, `upload`, `download`."""

    method: str
    args: Json
    at: float
    ok: bool = False
    error: str | None = None
    status: int = 200
    response: Json = field(default_factory=dict)
    done: bool = False


@dataclass
class Fault:
    """How to fail the next `times` calls whose method matches."""

    method: str
    status: int | None = None
    retry_after: int | None = None
    error: str | None = None
    hang_up: Literal["before", "after"] | None = None
    hang: float = 0.0
    times: int = 1
    after: int = 0


class Faults:
    """The faults that wait for their calls."""

    def __init__(self) -> None:
        self.planned: list[Fault] = []

    def take(self, method: str) -> Fault | None:
        """The fault for this call, if there is one; counted down."""
        for fault in self.planned:
            if not fnmatch.fnmatchcase(method, fault.method):
                continue
            if fault.after > 0:
                fault.after -= 1
                return None
            fault.times -= 1
            if fault.times <= 0:
                self.planned.remove(fault)
            return fault
        return None
