"""`python -m workspace`: a workspace of one's own, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import contextlib

from workspace.face import Workspace


async def run(port: int, people: list[str], channels: list[str]) -> None:
    """Start, say where, and stay."""
    async with Workspace(port=port) as ws:
        users = [ws.add_user(name) for name in people]
        for name in channels:
            ws.add_channel(name, members=users)
        print(f"Workspace: {ws.page_url}")
        print(f"SLACK_API_URL={ws.api_url}\nSLACK_BOT_TOKEN={ws.bot_token}\nSLACK_APP_TOKEN={ws.app_token}")
        await asyncio.Event().wait()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m workspace", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--person", action="append", help="a person's name; may be repeated")
    parser.add_argument("--channel", action="append", help="a channel's name; may be repeated")
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run(given.port, given.person or ["Kari Lege"], given.channel or ["generelt"]))


if __name__ == "__main__":
    main()
