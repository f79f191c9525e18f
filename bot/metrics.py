"""What whoever watches the bot may count: figures in Prometheus' text format, with no name and no free text in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.clock import Clock, oslo
from bot.delivery.slack_errors import DeliveryError
from bot.scheduler import LEAD
from storage import inbox, lead, outbox
from storage import stock as stored
from storage.unit_of_work import Database

KINDS = frozenset(
    (
        "block_actions",
        "block_suggestion",
        "command",
        "event_callback",
        "message_action",
        "shortcut",
        "view_closed",
        "view_submission",
    )
)
"""What Slack sends; everything else is counted together, so that no payload can invent a label."""
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
"""Slack drops what is not acknowledged in three."""

Answer = TypeVar("Answer")


class Metrics:
    """One process's counts since it began, and what stands in the base when somebody asks."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._acks = Histogram(
            "mangelvakt_ack_seconds",
            "From Slack's payload to its acknowledgement, by what it was and what was answered.",
            ("kind", "status"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._refusals = Counter(
            "mangelvakt_slack_errors",
            "Messages that Slack did not take, by what is done about it.",
            ("kind",),
            registry=self.registry,
        )
        self._sent = Counter("mangelvakt_messages_sent", "Messages that Slack took.", registry=self.registry)
        self._token = self._gauge("token_refused", "1 where Slack knows the bot's token no more.")
        self._channels = self._gauge("channels_unusable", "Channels of the settings in which nothing can be said.")
        self._outbox = self._gauge("outbox_messages", "Messages in the outbox, by state.", "state")
        self._undelivered = self._gauge("outbox_undelivered", "Messages that a person must look at.")
        self._outbox_age = self._gauge("outbox_age_seconds", "How long the oldest message that waits has waited.")
        self._inbox_age = self._gauge("inbox_age_seconds", "How long the oldest kept event has waited.")
        self._alerts = self._gauge("alerts_open", "Stock alerts that have not recovered.")
        self._stale = self._gauge("stock_items_stale", "Items whose newest count is too old.")
        self._leader = self._gauge("leader", "1 where this process asks what is due.")
        self._led = self._gauge("led", "1 where any process asks what is due.")

    def _gauge(self, name: str, says: str, *labels: str) -> Gauge:
        return Gauge(f"mangelvakt_{name}", says, labels, registry=self.registry)

    def acknowledged(self, kind: object, status: int | None, seconds: float) -> None:
        """A payload of Slack's has been answered with an HTTP status; None: it was broken off."""
        known = kind if isinstance(kind, str) and kind in KINDS else "other"
        self._acks.labels(known, str(status) if status is not None else "none").observe(seconds)

    def sent(self) -> None:
        """Slack took a message."""
        self._sent.inc()

    def stands(self, *, token_refused: bool, channels_unusable: int) -> None:
        """What Slack has said of the bot's token and of the channels that are set."""
        self._token.set(token_refused)
        self._channels.set(channels_unusable)

    def refused(self, error: DeliveryError) -> None:
        """Slack did not take a message."""
        self._refusals.labels(type(error).__name__).inc()

    async def page(self, database: Database, clock: Clock, replica: str, stale_after_days: int) -> bytes:
        """Everything, in Prometheus' text format. Raises what the database raises."""
        now = clock.now()
        old = oslo(now).date() - dt.timedelta(days=stale_after_days)
        async with database.read() as session:
            counts = await outbox.counts(session)
            undelivered = await outbox.count_undelivered(session)
            waiting = await outbox.waiting_since(session)
            kept = await inbox.waiting_since(session)
            alerts = await stored.count_open_alerts(session)
            stale = sum((await stored.old_items_per_pool(session, old)).values())
            holder = await lead.holder(session, LEAD, now)
        for state in ("waiting", "claimed", "failed"):
            self._outbox.labels(state).set(counts.get(state, 0))
        self._undelivered.set(undelivered)
        self._outbox_age.set(_seconds(waiting, now))
        self._inbox_age.set(_seconds(kept, now))
        self._alerts.set(alerts)
        self._stale.set(stale)
        self._leader.set(holder == replica)
        self._led.set(holder is not None)
        return generate_latest(self.registry)


def _seconds(since: dt.datetime | None, now: dt.datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since is not None else 0.0


Page = Callable[[], Awaitable[bytes]]
"""What is served to whoever asks for the figures."""
