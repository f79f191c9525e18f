"""The log: lines or JSON, with the code that the person saw, and never a secret or a word that somebody wrote."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from slack_sdk.errors import SlackApiError

from bot import logs
from bot.people.service import PeopleService
from bot.settings import load_settings
from tests.journeys.conftest import House, furnished
from tests.journeys.test_health import row

NOTE = "Pasienten på rom 12 har hoste"


@contextmanager
def written(form: logging.Formatter, level: int = logging.INFO) -> Iterator[io.StringIO]:
    """Everything that is logged meanwhile."""
    paper = io.StringIO()
    handler = logging.StreamHandler(paper)
    handler.setFormatter(form)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(level)
    try:
        yield paper
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def secrets_of(house: House) -> list[str]:
    """Every token that is about."""
    return [house.ws.bot_token, house.ws.app_token, house.ws.signing_secret]


@pytest.mark.parametrize("form", [logs.PlainLines, logs.JsonLines])
async def test_a_failure_is_logged_with_the_code_that_the_person_saw_and_nothing_they_wrote(
    house: House, form: type[logs.PlainLines], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise RuntimeError(f"{NOTE} {house.ws.bot_token}") from ValueError(NOTE)

    with written(form(house.bot.settings.secrets())) as paper:
        await house.report(house.kari, "valtrex 500", "Valtrex tab 500 mg", note=NOTE)
        await house.said(house.cases, "2025-0001")
        monkeypatch.setattr(PeopleService, "actor", fails)
        said = await house.ask(house.kari, "sak 2025-0001")
    code = re.search(r"kode ([0-9A-F]{6})", said)
    assert code is not None, said
    log = paper.getvalue()
    assert code.group(1) in log
    assert "RuntimeError" in log
    assert "test_logs.py" in log, "where it failed"
    for hidden in (*secrets_of(house), NOTE, "hoste"):
        assert hidden not in log
    if form is logs.JsonLines:
        lines = [json.loads(line) for line in log.splitlines()]
        assert code.group(1) in [line.get("reference") for line in lines]
        assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)


@pytest.mark.parametrize("form", [logs.PlainLines, logs.JsonLines])
async def test_no_token_is_in_the_log_of_a_day_at_any_level(database_url: str, form: type[logs.PlainLines]) -> None:
    with written(form(), logging.DEBUG) as paper:
        async with furnished(database_url) as house:
            await house.valtrex_case()
            house.ws.answer("chat.postMessage", status=500)
            await row(house, "refused")
            house.bot.database.said.set()
            await house.ws.wait_for(lambda: "HTTP 500" in paper.getvalue(), 20, "a refusal in the log")
            secrets = secrets_of(house)
    log = paper.getvalue()
    assert "slack_sdk" in log or "slack_bolt" in log, "what Slack's own libraries say is among it"
    found = [secret for secret in secrets if secret in log]
    assert not found


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-123-abc",
        "xoxe.xoxp-1-Mi0y",
        "xapp-1-A0-2-ff",
        "postgresql://bot:hemmelig-ord@base/m",
        "wss://x/?ticket=ab%2Fc",
    ],
)
def test_what_looks_like_a_secret_is_hidden_whoever_logs_it(secret: str) -> None:
    record = logging.LogRecord("another", logging.WARNING, "", 0, "connecting with %s now", (secret,), None)
    for form in (logs.PlainLines(), logs.JsonLines()):
        said = form.format(record)
        assert logs.HIDDEN in said
        for part in ("123-abc", "Mi0y", "A0-2", "hemmelig-ord", "ab%2F"):
            assert part not in said


def test_the_secrets_of_the_settings_are_hidden_whatever_they_look_like() -> None:
    settings = load_settings(
        SLACK_SIGNING_SECRET="0f3b", DATABASE_URL="postgresql://bot:passord@base/mangelvakt", SLACK_BOT_TOKEN="egenart"
    )
    record = logging.LogRecord("a", logging.ERROR, "", 0, "0f3b passord egenart", (), None)
    assert logs.PlainLines(settings.secrets()).format(record).endswith(" ".join([logs.HIDDEN] * 3))


def test_a_failure_says_kind_place_and_code_the_first_cause_first() -> None:
    try:
        try:
            raise SlackApiError(NOTE, {"error": "channel_not_found"})
        except SlackApiError as error:
            raise KeyError(NOTE) from error
    except KeyError as error:
        record = logging.LogRecord("a", logging.ERROR, "", 0, "it failed", (), (KeyError, error, error.__traceback__))
    trail = logs.trail_of(record)
    assert trail[0] == "SlackApiError: channel_not_found"
    assert "KeyError" in trail
    assert NOTE not in " ".join(trail)
