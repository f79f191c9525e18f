"""The bot in a second workspace: installed, asked, told, removed; nobody there is taken for somebody of the centre."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from cryptography.fernet import Fernet
from sqlmodel import col, select

from storage.tables import AuditEntry, OutboxEntry, Person, ShortageCase, WorkspaceInstallation
from tests.journeys.conftest import MANIFEST, House, furnished
from workspace import User, Workspace

TEAM = "T0HELSE001"
KEY = Fernet.generate_key().decode()
TOKEN = "xoxb-9-9-elsewhere"


@dataclass
class Two:
    """The house, and a workspace beside it where ids are the same as in the house."""

    house: House
    there: Workspace
    kari: User
    url: str


@asynccontextmanager
async def two(database_url: str, *, may_install: str = TEAM) -> AsyncIterator[Two]:
    """A house in HTTP mode in which `may_install` may install the bot."""
    async with furnished(
        database_url,
        http=True,
        SLACK_CLIENT_ID="1.2",
        SLACK_CLIENT_SECRET="5f3759df",
        token_key=KEY,
        public_url="http://127.0.0.1:1",
        workspaces=[may_install],
    ) as house:
        url = f"http://127.0.0.1:{house.bot.settings.http_port}"
        there = Workspace(
            name="Helse Elsewhere",
            team_id=TEAM,
            http_target=f"{url}/slack/events",
            bot_token=TOKEN,
            events=MANIFEST["settings"]["event_subscriptions"]["bot_events"],
            scopes=MANIFEST["oauth_config"]["scopes"]["bot"],
        )
        async with there:
            house.ws.share_api_with(there)
            kari = there.add_user("Kari Elsewhere")
            there.add_user("Nora Elsewhere")
            house.bot.workspaces.flow.settings.redirect_uri = f"{url}/slack/oauth_redirect"
            house.bot.workspaces.flow.redirect_uri = f"{url}/slack/oauth_redirect"
            house.bot.workspaces.flow.settings.authorize_url_generator.redirect_uri = f"{url}/slack/oauth_redirect"
            yield Two(house, there, kari, url)


async def test_it_is_installed_used_and_removed(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    async with two(database_url) as both:
        house, there, kari = both.house, both.there, both.kari
        status, page = await there.install(f"{both.url}/slack/install")
        assert (status, page.startswith("Mangelvakt er installert i Helse Elsewhere.")) == (200, True)
        (row,) = await house.rows(WorkspaceInstallation)
        assert (row.team_id, row.team_name) == (TEAM, "Helse Elsewhere")
        assert row.token is not None
        assert TOKEN not in row.token, "a token at rest is encrypted"

        # Somebody of the same id as one of the centre's asks, and reports.
        await there.slash(kari, "/mangel meld valtrex 500 mg")
        assert "Meld mangel" in (await there.view(kari)).plain()
        await there.submit(kari, {"medicine": "valtrex tab 500 mg", "place": "UNN Tromsø", "runs_out": "3_days"})
        await there.wait_for(lambda: there.messages(kari, by_bot=True), 20, "the receipt")
        assert "meldingen om valtrex" in there.messages(kari, by_bot=True)[0].plain()
        (case,) = await house.rows(ShortageCase)
        await house.ws.wait_for(lambda: house.ws.messages(house.cases, by_bot=True), 20, "the card")
        card = house.ws.messages(house.cases, by_bot=True)[0]
        assert "en bruker i et annet arbeidsområde" in card.plain()
        people = {person.slack_user for person in await house.rows(Person)}
        assert f"{TEAM}/{kari.id}" in people

        # Nobody there has a grant, whatever their id is here.
        siri = there.state.users[house.siri.id] = replace(house.siri, team_id=TEAM)
        answer = await there.slash(siri, "/mangel liste")
        assert case.number not in answer.text
        home = await there.open_home(siri)
        assert "Gjør dette først" not in home.plain()
        assert "Gjør dette først" in (await house.ws.open_home(house.siri)).plain()
        asked = await there.direct_message(kari, "status valtrex")
        await there.wait_for(lambda: there.answers_to(asked), 20, "an answer")
        assert "Valtrex" in there.answers_to(asked)[0].plain()

        # It is removed: its token is forgotten, and what was for there is given up and seen.
        await there.uninstall()
        (row,) = await house.rows(WorkspaceInstallation)
        assert (row.token, row.removed_at) == (None, house.clock.now())
        async with house.bot.database.unit_of_work() as uow:
            await uow.say("late", f"{TEAM}/{kari.id}", "for sent", [])
        async with house.bot.database.read() as session:
            done = [one.action for one in await session.scalars(select(AuditEntry)) if TEAM in one.subject]
        assert done == ["installed", "removed"]

        async def given_up() -> bool:
            async with house.bot.database.read() as session:
                late = (await session.scalars(select(OutboxEntry).where(col(OutboxEntry.key) == "late"))).one()
                return (late.state, late.problem) == ("failed", "app_uninstalled")

        for _ in range(40):
            if await given_up():
                break
            await there.quiet(0.1)
        assert await given_up()
        ack = await there.slash(kari, "/mangel status valtrex", expect_ack=False)
        assert ack.text == ""
        assert "Valtrex" in await house.ask(house.kari, "status valtrex 500 mg"), "at home all goes on"
        assert TOKEN not in caplog.text
        assert KEY not in caplog.text


async def test_a_workspace_that_may_not_install_is_refused_and_never_heard(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with two(database_url, may_install="T0ANOTHER1") as both:
        status, _ = await both.there.install(f"{both.url}/slack/install")
        assert status == 500
        assert await both.house.rows(WorkspaceInstallation) == []
        assert "may not install" in caplog.text
        async with both.house.nothing_stored():
            await both.there.slash(both.kari, "/mangel valtrex", expect_ack=False)
            await both.there.say(both.kari, both.there.state.im_with(both.kari.id), "status valtrex")
        assert "has not installed the bot" in caplog.text
