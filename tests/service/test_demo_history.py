"""What the demo begins with shows what it is there to show."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bot.app import assemble
from bot.clock import SetClock
from bot.demo.history import BEGINS
from bot.demo.run import tell_history
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, settings_for


async def test_the_shortage_of_valtrex_is_seen_to_draw_on_zovirax(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'demo.db'}"
    settings = settings_for(DATABASE_URL=url, roles={"centre": [SIRI]})
    stage: Any = SimpleNamespace(centre=SimpleNamespace(id=SIRI), clinician=SimpleNamespace(id="U0KARI0001"))
    await tell_history(settings, stage)
    clock = SetClock(BEGINS)
    database = Database.at(settings.database, clock.now)
    try:
        seen = await assemble(settings, database, clock).dominoes.look()
    finally:
        await database.close()
    assert [(domino.short.split()[0], domino.title.split()[0]) for domino in seen] == [("Valtrex", "Zovirax")]
