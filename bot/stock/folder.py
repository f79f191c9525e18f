"""A folder in which other systems lay stock sheets: each is stored whole or not at all, and moved out of the way.

Beside it lie `lest` (read) and `avvist` (refused), where each refused sheet has a text file with its faults: figures
of a hospital's own stock are not for the channel.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from bot.cases.case_sheets import CaseSheetService
from bot.cases.register import CasesTaken
from bot.messages.phrase import Phrase, phrase
from bot.messages.render import Renderer
from bot.people.identity_numbers import contains_identity_number
from bot.refusal import Refused
from bot.registers.table import MOST_BYTES
from bot.settings import Settings
from bot.stock.sheets import Preview, SheetService
from storage.unit_of_work import Database

log = logging.getLogger(__name__)

KINDS = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm")
STILL_FOR = 10.0
"""Seconds that a file must have been left alone: whoever lays it there may not be done."""
A_ROUND = 20
"""Files that are read in one round; the rest waits for the next."""
READ, REFUSED = "lest", "avvist"


@dataclass(frozen=True, slots=True)
class Laid:
    """What came of one file. `problem`: why it could not be read at all."""

    filename: str
    preview: Preview | None
    problem: Phrase | None
    cases: CasesTaken | None = None
    """What came of a register of cases."""

    @property
    def faults(self) -> list[Phrase]:
        """Everything that is wrong with it."""
        found = self.cases.faults if self.cases is not None else self.preview.faults if self.preview else ()
        return [self.problem] if self.problem is not None else [fault.line for fault in found]

    @property
    def is_news(self) -> bool:
        """A sheet that says nothing new is none."""
        done = self.cases if self.cases is not None else self.preview
        return done is None or bool(self.faults) or done.stored


class SheetFolder:
    """Looks into the folder of the settings, where there is one."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        renderer: Renderer,
        sheets: SheetService,
        case_sheets: CaseSheetService,
    ) -> None:
        self._database = database
        self._settings = settings
        self._renderer = renderer
        self._sheets = sheets
        self._case_sheets = case_sheets

    async def look(self) -> list[Laid]:
        """Read what has been laid there, oldest first; what came of each.

        A process that dies between storing a sheet and moving it finds that it says nothing new, and moves it then.
        """
        folder = self._settings.sheet_folder
        if folder is None:
            return []
        done = []
        for laid_at, path in await asyncio.to_thread(_waiting, folder):
            laid = await self._take(path)
            await self._tell(laid, laid_at)
            await asyncio.to_thread(_put_away, path, laid)
            done.append(laid)
        return done

    async def _take(self, path: Path) -> Laid:
        try:
            data = await asyncio.to_thread(_content, path)
            if await self._case_sheets.is_one(data, path.name):
                return Laid(path.name, None, None, await self._case_sheets.import_file(data, path.name))
            preview = await self._sheets.import_file(data, path.name)
            if preview.faults:
                key = f"folder:{hashlib.sha256(data).hexdigest()}"
                preview = await self._sheets.preview(data, path.name, None, key=key)
            return Laid(path.name, preview, None)
        except Refused as refused:
            name = "ark" if contains_identity_number(path.name) else path.name
            return Laid(name, None, refused.phrase)

    async def _tell(self, laid: Laid, laid_at: float) -> None:
        settings = self._settings
        channel = settings.cases_channel if laid.cases is not None else settings.stock_channel
        if channel is None or not laid.is_news:
            return
        message = self._renderer.render("sheet_laid.j2", laid=laid, refused=REFUSED)
        about = laid.preview.sheet_id if laid.preview is not None and laid.preview.sheet_id else laid.filename
        key = f"sheet_laid:{about}:{laid_at}"[:200]
        async with self._database.unit_of_work() as uow:
            await uow.say(key, channel, message.text, message.blocks)


def _waiting(folder: Path) -> list[tuple[float, Path]]:
    """When each was laid there, oldest first, of those left alone for a while: no links, no hidden files."""
    found: list[tuple[float, Path]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.name.startswith((".", "~")) and entry.name.casefold().endswith(KINDS):
                    about = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(about.st_mode) and time.time() - about.st_mtime >= STILL_FOR:
                        found.append((about.st_mtime, Path(entry.path)))
    except OSError as error:
        log.error("the folder of stock sheets cannot be read: %s", error.strerror)
        return []
    return sorted(found)[:A_ROUND]


def _content(path: Path) -> bytes:
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise Refused(
            phrase(
                "Filen {filename} er {size} MB; grensen er {limit} MB.",
                filename=path.name,
                size=size // 1024**2,
                limit=MOST_BYTES // 1024**2,
            )
        )
    return path.read_bytes()


def _put_away(path: Path, laid: Laid) -> None:
    """Move the file to where it belongs, under a name that is free, with its faults beside it."""
    faults = laid.faults
    place = path.parent / (REFUSED if faults else READ)
    try:
        place.mkdir(exist_ok=True)
        target = place / path.name
        number = 1
        while target.exists():
            number += 1
            target = place / f"{path.stem} ({number}){path.suffix}"
        path.rename(target)
        if faults:
            target.with_name(f"{target.name}.feil.txt").write_text(
                "\n".join(str(fault) for fault in faults) + "\n", encoding="utf-8"
            )
    except OSError as error:
        log.error("a stock sheet could not be moved out of the folder: %s", error.strerror)
        with contextlib.suppress(OSError):  # read again and again it would be told again and again
            path.touch()
