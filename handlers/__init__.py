"""Slack in: one file per thing a person does; each has `register(app, services)`."""

from __future__ import annotations

from slack_bolt.async_app import AsyncApp

from bot.services import Services
from handlers import (
    alert,
    allocation,
    assessment,
    case,
    catalogue,
    chairing,
    command,
    context,
    conversation,
    curve,
    desk,
    document,
    errors,
    files,
    follow,
    home,
    inquiry,
    language,
    log,
    lookup,
    meeting,
    notices,
    panel,
    pool,
    quick,
    reminder,
    report,
    restriction,
    standing,
    stock,
    warnings,
    what_if,
    written,
)
from handlers.keys import only_reads
from handlers.written import key_to_keep

__all__ = ["key_to_keep", "only_reads", "register_all"]


def register_all(app: AsyncApp, services: Services) -> None:
    """Every listener; the context first, so that the others find it ready."""
    for room in (
        errors,
        context,
        written,
        command,
        report,
        restriction,
        assessment,
        case,
        log,
        catalogue,
        alert,
        allocation,
        stock,
        inquiry,
        panel,
        notices,
        document,
        warnings,
        files,
        pool,
        curve,
        what_if,
        lookup,
        follow,
        reminder,
        meeting,
        chairing,
        quick,
        conversation,
        language,
        home,
        desk,
        standing,
    ):
        room.register(app, services)
