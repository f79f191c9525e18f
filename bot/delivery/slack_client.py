"""The way to Slack's Web API: over connections that are kept open, with no line of debugging that nobody reads."""

from __future__ import annotations

import logging

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient


def slack_client(api_url: str, token: str | None = None) -> AsyncWebClient:
    """A client that asks once. slack_sdk would repeat a message after a lost connection without looking for it."""
    return AsyncWebClient(token=token, base_url=api_url, retry_handlers=[], logger=logger_of("slack_sdk"))


def logger_of(library: str) -> logging.Logger:
    """The logger of slack_sdk or Bolt, with the level that holds for the process written on it.

    Both look at the logger's own level, not at the one in effect, and would write down every payload for nobody.
    """
    logger = logging.getLogger(library)
    logger.setLevel(logging.getLogger().level or logging.WARNING)
    return logger


def keep_connections(client: AsyncWebClient) -> aiohttp.ClientSession:
    """From now on `client`, and what is copied from it, connects once and not for each call; close what is returned.

    aiohttp gives an idle connection up after 15 s, before Slack does. Needs a running loop.
    """
    client.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=client.timeout))
    return client.session
