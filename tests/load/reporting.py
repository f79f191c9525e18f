"""What people do under load: whole reports, and what came of them."""

from __future__ import annotations

import itertools

from bot.catalogue.catalogue import Catalogue
from workspace import User, Workspace


def medicines(most: int) -> list[tuple[str, str]]:
    """What people type, and the name they choose: medicines whose first letters offer them."""
    catalogue, found = Catalogue.shipped(), []
    for product in itertools.islice(catalogue, 0, None, 40):
        typed = product.name[:14]
        if any(one.name == product.name for one in catalogue.type_ahead(typed)[:3]):
            found.append((typed, product.name))
        if len(found) == most:
            break
    return found


async def report(ws: Workspace, user: User, typed: str, name: str, note: str) -> None:
    """One whole report: the form, type-ahead as one types, the choice, the rest, sent, closed."""
    await ws.slash(user, "/mangel", wait=20)
    view = await ws.view(user, timeout=20)
    for letters in (typed[:5], typed[:9], typed):
        options = await ws.people.type_ahead(user, view, "medicine", letters)
    option = next(one for one in options if name in one.text)
    await ws.choose(user, "medicine", option, wait=20)
    sent = await ws.submit(user, {"medicine": option, "place": "UNN Tromsø", "runs_out": "3_days", "note": note})
    assert not sent.errors and not sent.trouble, (sent.errors, sent.trouble)
    while ws.current_view(user) is not None:
        await ws.people.close(user, await ws.view(user))
