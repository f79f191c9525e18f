"""What was freed and the C library keeps for later: given back to the machine (decision 073)."""

from __future__ import annotations

import asyncio
import ctypes
import sys

_library = ctypes.CDLL(None) if sys.platform == "linux" else None
_trim = getattr(_library, "malloc_trim", None)
"""glibc's malloc_trim(3), which since 2.8 gives back free pages from the middle of every heap too. Others have none."""


async def give_back() -> bool:
    """Give free pages back, in a thread, for it takes some milliseconds; whether there were any."""
    return _trim is not None and bool(await asyncio.to_thread(_trim, 0))
