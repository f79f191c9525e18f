"""One file over HTTP, politely: asked for only if it has changed, within limits, and whole or not at all."""

from __future__ import annotations

import asyncio
import posixpath
from dataclasses import dataclass
from importlib.metadata import version
from urllib.parse import urlsplit

import aiohttp

from bot.messages.phrase import Phrase, phrase

CHUNK = 65536
MOST_REDIRECTS = 3


@dataclass(frozen=True, slots=True)
class Manners:
    """How a server is asked. `seconds` for all of it, `quiet` without a byte; `contact` stands in the user agent."""

    seconds: float
    most_bytes: int
    quiet: float = 30.0
    proxy: str | None = None
    contact: str = ""

    @property
    def user_agent(self) -> str:
        """Who asks: the program, its version, and whom to write to."""
        return f"Mangelvakt/{version('mangelvakt')}" + (f" ({self.contact})" if self.contact else "")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server gave. `content` None: the file is as it was."""

    content: bytes | None
    filename: str
    etag: str | None
    last_modified: str | None


class FetchFailed(Exception):
    """The file did not come, or not whole; `problem` says why."""

    def __init__(self, problem: Phrase) -> None:
        super().__init__(str(problem))
        self.problem = problem


async def fetch(address: str, manners: Manners, *, etag: str | None, last_modified: str | None) -> Fetched:
    """Ask for the file at `address`; `etag` and `last_modified` are what the server said of it last time.

    Raises `FetchFailed`. What comes half is nothing: aiohttp refuses a body shorter than its announced length.
    """
    asked = {"User-Agent": manners.user_agent, "Accept": "*/*"}
    if etag:
        asked["If-None-Match"] = etag
    if last_modified:
        asked["If-Modified-Since"] = last_modified
    patience = aiohttp.ClientTimeout(total=manners.seconds, sock_connect=manners.quiet, sock_read=manners.quiet)
    try:
        async with (
            aiohttp.ClientSession(timeout=patience, headers=asked) as session,
            session.get(address, proxy=manners.proxy, max_redirects=MOST_REDIRECTS) as answer,
        ):
            if answer.status == 304:
                return Fetched(None, _name(address), etag, last_modified)
            if answer.status != 200:
                raise FetchFailed(phrase("tjeneren svarte {status}", status=answer.status))
            content = await _whole(answer, manners.most_bytes)
            headers = answer.headers
            return Fetched(content, _name(address), _short(headers.get("ETag")), _short(headers.get("Last-Modified")))
    except TimeoutError as error:
        raise FetchFailed(phrase("tjeneren brukte for lang tid")) from error
    except aiohttp.TooManyRedirects as error:
        raise FetchFailed(phrase("tjeneren viste videre for mange ganger")) from error
    except aiohttp.ClientPayloadError as error:
        raise FetchFailed(phrase("bare en del av filen kom")) from error
    except (aiohttp.ClientError, OSError, ValueError, asyncio.IncompleteReadError) as error:
        raise FetchFailed(phrase("fikk ikke kontakt ({error})", error=type(error).__name__)) from error


async def _whole(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """The body, unpacked; refused as soon as it is more than `most`."""
    too_large = FetchFailed(phrase("filen er større enn {most} MB", most=most // 1024 // 1024))
    if (answer.content_length or 0) > most:
        raise too_large
    content = bytearray()
    async for chunk in answer.content.iter_chunked(CHUNK):
        content += chunk
        if len(content) > most:
            raise too_large
    if not content:
        raise FetchFailed(phrase("filen er tom"))
    return bytes(content)


def _name(address: str) -> str:
    """The file's name for people: the last part of the address's path, or its host."""
    parts = urlsplit(address)
    return posixpath.basename(parts.path.rstrip("/"))[:100] or parts.netloc


def _short(value: str | None) -> str | None:
    """What the server says of the file, where it can be kept; cut, it would never match."""
    return value if value and len(value) <= 100 else None
