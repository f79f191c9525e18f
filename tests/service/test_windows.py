"""A window opens within the three seconds that Slack gives, also where its contents take longer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages.phrase import phrase
from bot.refusal import Refused
from bot.services import Services
from handlers.answering import open_soon
from workspace import User, Workspace


def window(services: Services, said: str) -> dict[str, Any]:
    return services.renderer.render_view(
        "modals/words.json.j2", "nb", title="Mangelvakt", words="notice.j2", facts={"said": said}
    )


async def opened(ws: Workspace, services: Services, user: User, making: Any) -> None:
    client = AsyncWebClient(token=ws.bot_token, base_url=ws.api_url, retry_handlers=[])
    body = {"trigger_id": ws.core.tickets.new_trigger(user.id)}
    await open_soon(services, client, body, "nb", making)


async def test_what_is_ready_at_once_is_opened_as_it_is(services: Services) -> None:
    async def quick() -> dict[str, Any]:
        return window(services, "Her er listen.")

    async with Workspace() as ws:
        siri = ws.add_user("Siri")
        await opened(ws, services, siri, quick())
        assert "Her er listen." in (await ws.view(siri)).plain()
        assert ws.calls("views.update") == []


async def test_what_takes_longer_than_a_trigger_lives_is_filled_into_a_window_that_is_open(services: Services) -> None:
    go = asyncio.Event()

    async def slow() -> dict[str, Any]:
        await go.wait()
        return window(services, "Her er listen.")

    async with Workspace() as ws:
        siri = ws.add_user("Siri")
        running = asyncio.create_task(opened(ws, services, siri, slow()))
        assert "Henter" in (await ws.view(siri)).plain()
        go.set()
        await running
        assert "Her er listen." in (await ws.view(siri)).plain()


async def test_what_is_refused_or_breaks_is_told_in_the_window_that_is_open(services: Services) -> None:
    async def refused() -> dict[str, Any]:
        await asyncio.sleep(1.1)
        raise Refused(phrase("Meldingen er sendt eller tatt bort allerede."))

    async def broken() -> dict[str, Any]:
        await asyncio.sleep(1.1)
        raise RuntimeError

    async with Workspace() as ws:
        siri, per = ws.add_user("Siri"), ws.add_user("Per")
        await opened(ws, services, siri, refused())
        assert "tatt bort allerede" in (await ws.view(siri)).plain()
        with pytest.raises(RuntimeError):
            await opened(ws, services, per, broken())
        assert "Noe gikk galt" in (await ws.view(per)).plain()
