"""How long shortages have lasted is read once, not for every case that is shown."""

from __future__ import annotations

from sqlalchemy import event

from bot.cases.forms import ClosingForm
from bot.cases.vocabulary import Outcome, Status
from bot.services import Services
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, medicine, person, report_of


async def test_the_past_is_read_again_only_when_a_case_has_ended(services: Services, database: Database) -> None:
    kari, siri = await person(services, "U0KARI0001"), await person(services, SIRI)
    for name in ("Valtrex tab 500 mg", "Zyprexa tab 10 mg"):
        await services.reporting.report(report_of(medicine(services, name)), kari, key=None)
    said: list[str] = []

    @event.listens_for(database.engine.sync_engine, "before_cursor_execute")
    def _count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    async def statements() -> int:
        said.clear()
        assert await services.cases.case("2025-0001")
        return len(said)

    await statements()
    kept = await statements()
    assert await statements() == kept
    ended = ClosingForm(Status.CLOSED, Outcome.AVERTED, None, "Leveransene er normale.")
    await services.cases.close("2025-0002", ended, siri, key=None)
    await statements()
    assert await statements() == kept
    said.clear()
    assert len(await services.cases.about(medicine(services, "Valtrex tab 500 mg"))) == 1
    assert not any("LIMIT" in statement and "closed_at DESC" in statement for statement in said)
