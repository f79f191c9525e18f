"""The bot's start: what Slack refuses is one clear line, and a Slack that is not there is waited for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.app import Bot
from bot.clock import SetClock
from bot.settings import SettingsFault, load_settings
from tests.service.conftest import MONDAY
from workspace import Workspace


async def test_a_token_that_slack_refuses_is_one_clear_line_without_the_token(database_url: str) -> None:
    async with Workspace() as ws:
        settings = load_settings(
            SLACK_BOT_TOKEN="xoxb-hemmelig",
            SLACK_APP_TOKEN=ws.app_token,
            SLACK_API_URL=ws.api_url,
            DATABASE_URL=database_url,
        )
        bot = Bot(settings, SetClock(MONDAY))
        with pytest.raises(SettingsFault, match="SLACK_BOT_TOKEN") as refused:
            await bot.start()
        await bot.database.close()
        assert "hemmelig" not in str(refused.value)


async def test_a_slack_that_fails_while_the_bot_starts_does_not_stop_it(database_url: str) -> None:
    async with Workspace() as ws:
        cases = ws.add_channel("mangelsaker", private=True)
        settings = load_settings(
            SLACK_BOT_TOKEN=ws.bot_token,
            SLACK_APP_TOKEN=ws.app_token,
            SLACK_API_URL=ws.api_url,
            DATABASE_URL=database_url,
            cases_channel=cases.id,
            centre_group=ws.add_user_group("mangelsenteret", []),
        )
        ws.answer("auth.test", hang_up="before")
        ws.answer("conversations.info", status=500)
        ws.answer("usergroups.users.list", hang_up="before")
        bot = Bot(settings, SetClock(MONDAY))
        await bot.start()
        await ws.connected()
        assert not bot.services.channels.closed(cases.id), "not known to be closed: no numbers there"
        await bot.look_at_channels()
        await bot.read_groups()
        assert bot.services.channels.closed(cases.id)
        assert bot.services.channels.problems == {}
        await bot.stop()


@pytest.mark.parametrize("wrong", ["xapp-hemmelig", "bot token"])
async def test_an_app_token_that_slack_refuses_is_one_clear_line_at_once(tmp_path: Path, wrong: str) -> None:
    async with Workspace() as ws:
        settings = load_settings(
            SLACK_BOT_TOKEN=ws.bot_token,
            SLACK_APP_TOKEN=ws.bot_token if wrong == "bot token" else wrong,
            SLACK_API_URL=ws.api_url,
            DATABASE_URL=f"sqlite:///{tmp_path / 'base.sqlite'}",
        )
        bot = Bot(settings, SetClock(MONDAY))
        with pytest.raises(SettingsFault, match="SLACK_APP_TOKEN") as refused:
            await asyncio.wait_for(bot.start(), 10)
        await bot.database.close()
        assert len(ws.calls("apps.connections.open")) == 1
        assert "hemmelig" not in str(refused.value)
        assert ws.bot_token not in str(refused.value)


async def test_a_socket_address_that_slack_cannot_give_yet_is_waited_for(tmp_path: Path) -> None:
    async with Workspace() as ws:
        settings = load_settings(
            SLACK_BOT_TOKEN=ws.bot_token,
            SLACK_APP_TOKEN=ws.app_token,
            SLACK_API_URL=ws.api_url,
            DATABASE_URL=f"sqlite:///{tmp_path / 'base.sqlite'}",
        )
        ws.answer("apps.connections.open", status=500)
        bot = Bot(settings, SetClock(MONDAY))
        await bot.start()
        await ws.connected()
        await bot.stop()
