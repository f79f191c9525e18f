"""What nobody needs any more: given back to the machine (decision 073)."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys

_library = ctypes.CDLL(None) if sys.platform == "linux" else None
_trim = getattr(_library, "malloc_trim", None)
"""glibc's malloc_trim(3), which since 2.8 gives back free pages from the middle of every heap too. Others have none."""
if _trim is not None:
    _trim.argtypes, _trim.restype = [ctypes.c_size_t], ctypes.c_int


async def give_back() -> bool:
    """Free what only refers to itself, and give the free pages back; whether there were any.

    Python looks through all that is old only when a quarter is new (documentation of `gc.set_threshold`): until then
    what a report leaves behind adds up. What stays for good is not looked through (`Catalogue.matcher`), nor anything
    while FEST is being read (`cycles_left_alone`).
    """
    if gc.isenabled():
        gc.collect()
    return _trim is not None and bool(await asyncio.to_thread(_trim, 0))
