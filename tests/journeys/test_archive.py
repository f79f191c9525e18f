"""The centre reads a case's log in Slack, and gets its archive copy with what people wrote in its thread."""

from __future__ import annotations

import json

from storage.tables import AuditEntry
from tests.journeys.conftest import House


async def test_the_log_is_read_and_the_archive_copy_comes_as_a_direct_message(house: House) -> None:
    card = await house.valtrex_case()
    await house.press(house.siri, card, "take_case")
    await house.update(house.siri, expected_end="2025-09-15", substitute="Zovirax")
    await house.ws.say(house.per, house.cases, "Leverandøren lover <mer> fredag", thread=house.card())
    await house.ws.say(house.per, house.cases, "Gjelder pasient 13097248022", thread=house.card())
    log = await house.form(house.siri, "show_log", await house.form(house.siri, "more_case", house.card()))
    assert "ny sluttdato 2025-09-15" in log.plain() or "ny sluttdato 15. sept. 2025" in log.plain()
    assert "tatt" in log.plain() and "Siri Senter" in log.plain()
    await house.ws.click(house.siri, log, "archive_case")
    files = await house.ws.wait_for(
        lambda: [file for one in house.by_bot(house.siri) for file in one.files], 60, "the archive copy"
    )
    names = [str(file["name"]) for file in files]
    assert {name.rsplit(".", 1)[1] for name in names} >= {"html", "json"}
    assert all(name.startswith("2025-0001-") for name in names)
    kept = {file.name.rsplit(".", 1)[1]: file.data for file in house.ws.core.state.files.values()}
    data = json.loads(kept["json"])
    assert [one["text"] for one in data["thread"]["messages"]] == ["Leverandøren lover &lt;mer&gt; fredag", None]
    page = kept["html"].decode()
    assert "Leverandøren lover &lt;mer&gt; fredag" in page and "Per Senter" in page and "Kari Lege" in page
    assert "13097248022" not in page and "13097248022" not in json.dumps(data)
    await house.ws.quiet()
    assert [row.action for row in await house.rows(AuditEntry)][-1] == "archived"


async def test_somebody_without_a_grant_gets_neither(house: House) -> None:
    card = await house.valtrex_case()
    async with house.nothing_stored():
        assert "tilgang" in await house.forge(house.kari, card, "show_log", "1 2025-0001")
        assert "tilgang" in await house.forge(house.kari, card, "archive_case", "2025-0001")
        assert "virker ikke lenger" in await house.forge(house.siri, card, "show_log", "2025-0001")
    assert not [one for one in house.by_bot(house.kari) if "Arkivkopi" in one.plain()]
