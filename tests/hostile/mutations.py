"""Bends a payload: wrong types, missing parts, texts that break what reads them. Seeded, so that a find comes again."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BOLTS = Path(__file__).parents[3] / "shared" / "data" / "slack" / "scenario_test_payloads.json"
"""The payloads that Bolt is tested with, where they stand beside this repository."""
MEGABYTE = "å" * 1_000_000
TEXTS = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfffæøå\ud83d",
    "\u202emeropenem\u202c",
    "mero\u200bpe\u200dnem\ufeff",
    "{{ 7*7 }}{% for x in y %}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "<!channel> <@U00000001> <https://ond.example|klikk>",
    '=HYPERLINK("http://ond.example";"x")',
    "'; DROP TABLE outbox; --",
    "%s %(x)s {0}",
    "../../etc/passwd",
    "9" * 400,
    "1e999",
    "-1",
    "NaN",
    "٣",
    "🧪" * 3000,
    "m\u0336\u0301" * 500,
    "p:x|:|;",
    "2026-99-9999",
    "null",
    "true",
)
OTHERS: tuple[Any, ...] = (None, True, -1, 10**30, 1.5, [], {}, [[]], {"": None}, ["a"] * 50)


def deep(levels: int = 400) -> Any:
    """Lists in lists."""
    nested: Any = "x"
    for _ in range(levels):
        nested = [nested]
    return nested


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every part of a payload."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield (*path, name)
            yield from places(part, (*path, name))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield (*path, index)
            yield from places(part, (*path, index))


def mutated(payload: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """A copy with one to three parts bent."""
    bent = copy.deepcopy(payload)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        ways = [path for path in places(bent) if path[-1] not in ("type", "command") or rng.random() < 0.05]
        if not ways:
            break
        *way, last = rng.choice(ways)
        holder: Any = bent
        for step in way:
            holder = holder[step]
        what = rng.random()
        if what < 0.15:
            del holder[last]
        elif what < 0.35:
            holder[last] = copy.deepcopy(rng.choice(OTHERS))
        elif what < 0.37:
            holder[last] = deep()
        elif what < 0.38:
            holder[last] = MEGABYTE
        elif isinstance(holder[last], str) and what < 0.5:
            at = rng.randrange(len(holder[last]) + 1)
            holder[last] = holder[last][:at] + rng.choice(TEXTS) + holder[last][at:]
        else:
            holder[last] = rng.choice(TEXTS)
    return bent
