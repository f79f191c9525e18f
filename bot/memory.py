"""What nobody needs any more: given back to the machine (decision 073)."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys

_library = ctypes.CDLL(None) if sys.platform == "linux" else None
_trim = getattr(_library, "malloc_trim", None)
"""glibc's malloc_trim(3), which since 2.8 gives back free pages from the middle of every heap too. Others have none."""


async def give_back() -> bool:
    """Free what only refers to itself, and give the free pages back; whether there were any.

    Python looks through all that is old only when a quarter is new (documentation of `gc.set_threshold`): until then
    what a report leaves behind adds up. What stays for good is not looked through: see `Catalogue.matcher`.
    """
    gc.collect()
    return _trim is not None and bool(await asyncio.to_thread(_trim, 0))
