"""Many cases at once, open and closed, with what clings to them: for what must stay fast when they are many."""

from __future__ import annotations

import datetime as dt
import random
import uuid

from sqlalchemy import insert

from storage.tables import AuditEntry, EndDate, OutboxEntry, Person, ShortageCase, ShortageReport
from storage.unit_of_work import Database

NAMES = ("Valtrex tab", "Etoposid kons til inf", "Meropenem pulv", "Zyprexa tab", "Mucomyst inh", "Erwinase pulv")
SUBSTANCES = ("Valaciklovir", "Etoposid", "Meropenem", "Olanzapin", "Acetylcystein", "Krisantaspase")
ATC = ("J05AB11", "L01CB01", "J01DH02", "N05AH03", "R05CB01", "L01XX02")
BATCH = 2_000


async def fill(
    database: Database,
    now: dt.datetime,
    *,
    opened: int,
    closed: int,
    owners: tuple[str, ...] = (),
    after: int = 0,
    reports_of: tuple[int, int] = (2, 0),
) -> None:
    """Store so many open and closed cases, each with three log lines and two ends.

    `owners`: person keys that have three in four of the open ones. `after`: the last id that is taken already.
    `reports_of`: how many reports an open case has, and how many a closed one.
    """
    chance, today = random.Random(7 + after), now.date()
    reporters = [str(uuid.uuid4()) for _ in range(20)]
    cases, ends, reports, log = [], [], [], []
    for n in range(after + 1, after + opened + closed + 1):
        is_open = n > after + closed
        kind = chance.randrange(len(NAMES))
        began = now - dt.timedelta(days=chance.randrange(1, 200) if is_open else chance.randrange(200, 1500))
        changed = began + dt.timedelta(days=chance.randrange((now - began).days + 1)) if is_open else began
        number = f"{began.year}-{n:04d}"
        cases.append(
            {
                "id": n,
                "number": number,
                "preparation_key": f"{SUBSTANCES[kind].lower()}|{n}",
                "name": f"{NAMES[kind]} {n} mg",
                "substance": f"{SUBSTANCES[kind]} {n % 253}",
                "atc": ATC[kind] if n % 40 else None,
                "scope": "medicine",
                "authorised": "yes",
                "status": ("ongoing" if n % 10 else "upcoming") if is_open else "closed",
                "outcome": None if is_open else "substituted",
                "visibility": "meeting" if n % 3 else "published",
                "start": began.date(),
                "expected_end": today + dt.timedelta(days=chance.randrange(-30, 200)) if n % 4 else None,
                "owner": chance.choice(owners) if is_open and owners and n % 4 else None,
                "next_step": "Ring leverandøren." if is_open and n % 5 == 0 else None,
                "next_step_on": today + dt.timedelta(days=chance.randrange(-5, 30)) if is_open and n % 5 == 0 else None,
                "opened_at": began,
                "changed_at": changed,
                "closed_at": None if is_open else min(now, began + dt.timedelta(days=90)),
                "groups": [],
                "regions": [],
                "system_factors": [],
                "made_up": True,
                "version": 1,
            }
        )
        ends += [
            {"case_id": n, "end": today + dt.timedelta(days=30 * k), "said_at": began, "by": None, "source": None}
            for k in (1, 2)
        ]
        for action, at in (("opened", began), ("updated", began), ("taken", changed)):
            who = chance.choice(owners) if owners and action != "opened" else None
            log.append({"at": at, "person": who, "subject": f"case:{number}", "action": action, "details": {}})
        for _ in range(reports_of[0] if is_open else reports_of[1]):
            reports.append(
                {
                    "case_id": n,
                    "reporter": chance.choice(reporters),
                    "typed": "",
                    "name": NAMES[kind],
                    "missing": "all",
                    "place": "UNN Tromsø",
                    "runs_out": "3_days",
                    "reported_at": now - dt.timedelta(hours=chance.randrange(24 * 60)),
                }
            )
    sent = [
        {
            "key": f"seed:{n}", "channel": "C0CASES001", "text": "Sak", "blocks": [], "priority": 5, "state": "sent",
            "attempts": 1, "not_before": now, "doubtful": False, "created_at": now,
        }
        for n in range(after, after + len(cases))
    ]  # fmt: skip
    people = [
        {"id": key, "slack_user": f"U0REP{after:05d}{n:02d}", "language": "nb", "first_seen": now}
        for n, key in enumerate(reporters)
    ]
    async with database.unit_of_work() as uow:
        for table, rows in (
            (Person, people), (ShortageCase, cases), (EndDate, ends), (ShortageReport, reports), (AuditEntry, log),
            (OutboxEntry, sent),
        ):  # fmt: skip
            for start in range(0, len(rows), BATCH):
                await uow.session.execute(insert(table), rows[start : start + BATCH])
