"""What nobody needs any more goes back to the machine."""

from __future__ import annotations

import os
import weakref
from pathlib import Path

import pytest

from bot import memory

BLOCKS, BYTES = 5_000, 20_000


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(memory._trim is None, reason="another C library than glibc")
async def test_what_was_freed_below_what_is_kept_goes_back() -> None:
    blocks = [b"x" * BYTES for _ in range(BLOCKS)]
    del blocks[:-1]
    before = resident()
    assert await memory.give_back()
    assert before - resident() > BLOCKS * BYTES / 2


async def test_where_there_is_nothing_to_give_back_with_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_trim", None)
    assert not await memory.give_back()


async def test_what_only_refers_to_itself_goes() -> None:
    class Ring:
        pass

    ring = Ring()
    ring.itself = ring  # type: ignore[attr-defined]
    gone = weakref.ref(ring)
    del ring
    await memory.give_back()
    assert gone() is None
