"""Every way in × every kind of person: what the table promises is what really happens, over the local workspace.

That everything which the bot listens to has its line in the table is held by `tests/house/test_ways_in.py`.
"""

from __future__ import annotations

import asyncio
import copy
import datetime as dt
import json
import logging
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.cases.assessing import Target
from bot.cases.assessments import Step
from bot.cases.bulk import BulkForm, BulkKind, Picked
from bot.cases.forms import CandidateForm
from bot.commands import LOOK_UP
from bot.meeting.reading import MAIN
from bot.people.roles import Action, Actor
from bot.people.surface import WAYS_IN, About, Kind, WayIn
from bot.settings import PoolSetting, TrustSetting
from bot.stock.domino import Rung
from handlers import errors
from storage.tables import (
    CatalogueEntry,
    DatesTaken,
    DominoAlert,
    EarlyWarning,
    FestFile,
    Follow,
    LongWork,
    Meeting,
    MeetingTask,
    OutboxEntry,
    RegisterList,
    RegisterNotice,
    Reminder,
    Restriction,
    ShortageReport,
    StockAlert,
    StockItem,
    StockSheet,
    Synonym,
)
from tests.golden.facts import ASSESSED
from tests.journeys.conftest import HEADINGS, MONDAY, VALTREX_IN_TWO_WEEKS, House, furnished
from tests.journeys.test_keeping_the_catalogue import ABARAX, typed_and_reported
from tests.journeys.test_triage import ETOPOSIDE, MONDAYS, dropped, listed
from workspace import User, View
from workspace.delivery import Ack
from workspace.elements import Place, find_element

REFUSED = re.compile(r"refused, no grant: (?P<way>.+) by person (?P<person>\S+)")
VALTREX = "Valtrex tab 500 mg"
STRANGE = "egne overskrifter.csv"

FILLED: dict[str, dict[str, Any]] = {
    "explain_sheet": {
        "columns": "pool",
        "column_1": "item",
        "column_2": "on_hand",
        "counted_on": "2025-07-06",
    },
    "report": {"medicine": "zovirax tab 200 mg", "place": "UNN Tromsø", "runs_out": "3_days"},
    "update_case": {"substitute": "utenlandske pakninger"},
    "publish_case": {"visibility": "published", "advice": "Bruk aciklovir."},
    "close_case": {"outcome": "unknown", "reason": "Leveransene er i gang igjen."},
    "add_candidate": {"medicine": "zovirax tab 200 mg", "rung": "other_substance"},
    "assess_use": {"valid_until": "2025-12-01"},
    "sign_assessment": {"profession": "pharmacist", "signed_as": "Siri Farm"},
    "withdraw_assessment": {"why": "Feil pakning."},
    "wrong_medicine": {"medicine": "zovirax tab 200 mg"},
    "assign_alert": {"who": "manager of the pool"},
    "snooze_alert": {"reason": "Avtalt med leverandøren."},
    "false_alarm": {"reason": "Feil i arket."},
    "what_if": {"percent": "30"},
    "edit_pool": {"target": "180", "every": "14"},
    "edit_item": {"note": "Talt på nytt."},
    "move_item": {"to_pool": "b180s"},
    "triage": {"words": "etoposid"},
    "dismiss_warning": {"reason": "Vi bruker aciklovir."},
    "dismiss_notice": {"own": "Ikke i bruk på sykehus."},
    "add_short_name": {"words": "isavu", "medicine": "isavukonazol"},
    "add_medicine": {**ABARAX, "name": "Abirax"},
    "allocate": {"quantity": "210"},
    "correct_allocation": {"sent": "Bergen 10"},
    "merge_case": {"into": "2025-0004"},
    "raise_case": {"forum": "grossister", "question": "Kan AHN fordele?"},
    "split_case": {"reports": ["1"], "medicine": "zovirax tab 200 mg"},
    "connect_case": {"belongs_with": "2025-0004"},
    "reopen_case": {"reason": "Leveransen uteble."},
    "snooze_reminder": {"until": "2025-07-20"},
    "meeting_decision": {"text": "Vi kjøper uregistrerte pakninger."},
    "mute_following": {"what": "case", "until": "2025-07-20"},
    "meeting_task": {"text": "Ring leverandøren.", "who": "centre", "due": "2025-07-20"},
    "meeting_end": {"end": "2025-09-01"},
    "meeting_other": {"number": "2025-0003"},
    "edit_medicine": {"supplier": "Nordisk"},
    "restriction": {"words": "Bare til pasienter under behandling."},
    "rewrite_restriction": {"words": "Bare til barn."},
    "restriction_part": {"words": "Høyst fire pakninger om gangen."},
    "desk_list": {"tick": "every case"},
    "bulk_form": {"to": "admin"},
    "ask_hospitals": {"words": "Hva har dere?", "trusts": ["trust:Bergen"], "unit": "tablett"},
    "answer_inquiry": {"number": "12"},
    "take_inquiry_step": {"words": "Ja fra tre av fire regioner."},
    "new_panel": {"field": "Psykiatri"},
    "add_expert": {"name": "Kari Ekspert", "role": "onkolog, OUS", "appointed_by": "RHF-ene"},
    "answer_for": {"asked": "Bergen", "told_by": "vakthavende farmasøyt", "number": "7"},
}
"""What a form is filled in with before it is sent: a form not named here is sent as it opens."""

HERA = {"kind": "interest", "answer": "choice", "choices": "Ja\nNei", "reply_by": "2025-07-25"}

OPENED_BY: dict[str, str] = {
    "what_if": "open_what_if",
    "meeting_decision": "meeting_decide",
    "triage": "open_triage",
    "open_notice": "ask_notice",
    "take_dates": "show_dates",
    "restriction": "draft_restriction",
    "restriction_part": "add_restriction_part",
    "desk_list": "find_no_owner",
    "bulk_form": "hand_over",
}
"""The button that opens a form, where it is not called as the form."""

THEN: dict[str, str] = {"decide_allocation": "allocate", "bulk_preview": "bulk_form"}
"""A form that stands where another was sent, and that other."""

AFTER: dict[str, tuple[str, ...]] = {
    "hand_back_alert": ("follow_alert",),
    "take_public_text": ("publish_case",),
    "publish_allocation": ("publish_case",),
    "withdraw_allocation": ("publish_case", "publish_allocation"),
    "publish_restriction": ("publish_case", "decide_restriction"),
    "withdraw_restriction": ("publish_case", "decide_restriction", "publish_restriction"),
    "lift_part": ("decide_restriction",),
}
"""What has to be done first for a change to change something."""

WORDS: dict[str, str] = {
    "meld": "meld valtrex 500",
    "språk": "språk nynorsk",
    "fordel": "fordel 2025-0001",
    "restriksjon": "restriksjon 2025-0001",
    "spør": "spør 2025-0001",
    "status": "status 2025-0001",
    "liste": "liste",
    "lager": "lager valtrex tab 500 mg",
    "hva-hvis": "hva-hvis valtrex tab 500 mg rasjonering 30 % fra 1.8",
    "følg": "følg zovirax",
    "slutt å følge": "slutt å følge zyprexa",
    LOOK_UP: "valtrex tab 500 mg",
    "statistikk": "statistikk 2025",
}
"""What is typed for a command: its own name where nothing stands here."""

MENUS = ("search_medicine", "show_chosen_case")
"""What is listened to as a button, and is a menu."""


@dataclass
class Cell:
    """One way in, used by one person."""

    way: WayIn
    who: str
    allowed: bool
    ack: Ack | None = None

    def __str__(self) -> str:
        return f"{self.way} as {self.who}"


@dataclass
class World:
    """A house in which everything that can be touched is there, and one of each kind of person."""

    house: House
    people: dict[str, User]
    values: dict[About, str]
    saved: Path
    actors: dict[str, Actor] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    lent: set[str] = field(default_factory=set)
    """Windows that were put on a person's screen by hand, or that they opened while they might."""

    def cells(self) -> list[Cell]:
        """Every way in × every kind of person."""
        owner = self.actors["reporter"].person
        return [
            Cell(way, who, way.open_to(actor, pool="fokuslisten", owner=owner))
            for way in WAYS_IN
            for who, actor in self.actors.items()
        ]

    # --- what a person does ---

    async def use(self, way: WayIn, user: User) -> Ack | None:
        """Do it, and wait until the bot has acknowledged it."""
        doing = self.house.ws.people
        match way.kind:
            case Kind.COMMAND:
                text = WORDS.get(way.name, way.name) + (f" {way.where}" if way.where else "")
                return (await doing.command(user, "/mangel", text, self.house.info)).ack
            case Kind.BUTTON:
                behind = self.opened(way.where, user) if way.where in self.views else None
                return await press(self.house, user, way.name, self.value_of(way), behind)
            case Kind.FORM:
                return await self.house.ws.core.courier.deliver("interactive", self._sent(way.name, user))
            case Kind.SHORTCUT:
                return (await doing.message_shortcut(user, self.house.card(), way.name))[0]
            case Kind.TYPE_AHEAD:
                typed = {"type": "block_suggestion", "action_id": way.name, "block_id": "forged", "value": "valtrex"}
                view = {"view": self.opened("report", user).payload()}
                return await self.house.ws.core.courier.deliver("interactive", doing.common(user) | typed | view)
            case Kind.EVENT:
                await self._happen(way, user)
        return None

    async def use_all(self, cells: list[Cell]) -> None:
        """Each person does theirs, one after the other; all persons at the same time."""

        async def one_by_one(who: str) -> None:
            for cell in cells:
                if cell.who == who:
                    cell.ack = await self.use(cell.way, self.people[who])

        await asyncio.gather(*(one_by_one(who) for who in self.people))
        await self.settled()

    def value_of(self, way: WayIn) -> str:
        """The value of its button: the second one of two that it may not share with another."""
        first, *others = self.values[way.about].split() if way.about in (About.SHEET, About.LIST) else [""]
        if not first:
            return self.values[way.about]
        if way.name == "store_sheet_partly":
            return others[1]
        return others[0] if others and way.name in ("drop_sheet", "store_list", "drop_list") else first

    def opened(self, form: str, user: User) -> View:
        """The window that somebody else opened, on this person's screen: it carries what it was opened about."""
        original, screens = self.views[form], self.house.ws.core.screens
        view = screens.open(user.id, copy.deepcopy(original.body))
        view.values = copy.deepcopy(original.values)
        self.lent.add(view.id)
        return view

    async def send(self, form: str, who: str, remembered: str) -> Ack:
        """Send a form that remembers something else than what the bot put there."""
        user = self.people[who]
        sent = self._sent(form, user, remembered)
        return await self.house.ws.core.courier.deliver("interactive", sent)

    def _sent(self, form: str, user: User, remembered: str | None = None) -> dict[str, Any]:
        ws, view = self.house.ws, self.opened(form, user)
        if remembered is not None:
            view.body["private_metadata"] = remembered
        payload = ws.people.common(user) | {"type": "view_submission", "view": view.payload(), "response_urls": []}
        ws.core.screens.close(view)
        return payload | {"trigger_id": ws.core.tickets.new_trigger(user.id, view.id)}

    async def _happen(self, way: WayIn, user: User) -> None:
        ws, house = self.house.ws, self.house
        match (way.name, way.where):
            case ("app_home_opened", _):
                ws.people.open_home(user)
            case ("app_mention", _):
                await ws.say(user, house.info, f"<@{ws.bot_user_id}> har vi nok {VALTREX}?")
            case ("message", _):
                await ws.say(user, user, f"har vi nok {VALTREX}?")
            case ("file_shared", "stock"):
                content = "\n".join((HEADINGS, *VALTREX_IN_TWO_WEEKS)).replace("4200", "4100")
                ws.people.post(user, house.stock, "", files=[ws.new_file(user, house.stock, "n.csv", content.encode())])
            case ("file_shared", "cases"):
                content = listed(14, ETOPOSIDE.format(end="01.10.2025"))
                ws.people.post(user, house.cases, "", files=[ws.new_file(user, house.cases, "n.csv", content.encode())])
            case _:
                raise AssertionError(f"How does {way} happen? Say it in World._happen.")

    async def settled(self) -> None:
        """Wait until no listener runs and every answer has been said."""
        still = 0
        while still < 5:
            await asyncio.sleep(0.01)
            app, core = self.house.bot.app, self.house.ws.core
            busy = app.running or app.unacknowledged or errors._answers or core.open_calls or core.courier.in_flight
            still = 0 if busy else still + 1

    # --- what came of it ---

    async def stored(self) -> dict[str, list[Any]]:
        """All that is stored; of the outbox what is said unasked, not how far it has come on its way."""
        said = [row.key for row in await self.house.rows(OutboxEntry) if not row.key.startswith("answer:")]
        return await self.house.everything() | {"outbox": said}

    def shown_to(self, user: User) -> list[str]:
        """All that the bot has shown this person alone: words beside what they did, direct messages, windows, Home.

        Not windows that were put on their screen by hand.
        """
        state = self.house.ws.state
        im = state.im_with(user.id).id
        messages = [m for m in state.messages if m.user == state.bot.id and (m.only_for == user.id or m.channel == im)]
        views = [view for view in state.views.values() if view.user == user.id and view.id not in self.lent]
        return [*(f"{m.plain()}\n{m.text}" for m in messages), *(view.plain() for view in views)]

    async def save(self) -> None:
        """Remember what is stored."""
        await asyncio.to_thread(_copy, self._live, str(self.saved))

    async def restore(self, *, catalogue: bool = False) -> None:
        """Put back what was stored, and the list of medicines as it was read. In a thread: it waits for who writes."""
        await asyncio.wait_for(asyncio.to_thread(_copy, str(self.saved), self._live), 30)
        if not catalogue:
            return
        self.house.bot.services.catalogue._version = -1
        await self.house.bot.services.catalogue.refresh()

    @property
    def _live(self) -> str:
        return str(self.house.bot.database.engine.url.database)


def _copy(source: str, target: str) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


@pytest.fixture
async def world(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[World]:
    """The house with everything in it. Tore was of the centre until a moment ago."""
    forum = {
        "title": "Møtet med AHN og GA",
        "channel": "C0GROSS01",
        "digest_cron": "0 14 * * TUE#1",
        "reads": "meeting",
    }
    async with furnished(f"sqlite:///{tmp_path / 'live.sqlite'}", forums={"grossister": forum}) as house:
        made = await _furnish(house, tmp_path)
        with caplog.at_level(logging.WARNING, logger="handlers.errors"):
            yield made


async def _furnish(house: House, folder: Path) -> World:
    ws, settings = house.ws, house.bot.settings
    nils, anna = ws.add_user("Nils Nabolager", team="T0AHN0001"), ws.add_user("Anna Admin")
    people = {
        "centre": house.siri,
        "meeting": house.dag,
        "manager of the pool": house.mona,
        "manager of another pool": nils,
        "admin": anna,
        "clinician": house.kari,
        "other organisation": house.ola,
        "guest": ws.add_user("Gry Gjest", guest=True),
        "former member of the centre": ws.add_user("Tore Tidligere"),
        "reporter": ws.add_user("Rolf Reporter"),
    }
    rolf, tore = people["reporter"], people["former member of the centre"]
    settings.roles.admin.append(anna.id)
    settings.pools["b180s"] = PoolSetting(managers=[nils.id])
    assert settings.centre_group is not None
    ws.set_user_group(settings.centre_group, [house.siri, house.per, tore])
    await house.bot.read_groups()
    ws.core.tickets.trigger_seconds = ws.core.courier.ack_timeout = 60.0  # the walk is about grants, not about pace
    for listener in house.bot.app._async_listeners:
        listener.ack_timeout = 60
    values = await _things(house, rolf)
    made = World(house, people, values, folder / "saved.sqlite")
    for form in [way.name for way in WAYS_IN if way.kind is Kind.FORM]:
        await _open(made, form, rolf if form in ("report", "correct_report", "answer_inquiry") else tore)
    for channel in (house.cases, house.stock):  # whoever is let into a channel has no more grants than before
        ws.state.set_members(channel, [*channel.members, *(user.id for user in people.values())])
    ws.set_user_group(settings.centre_group, [house.siri, house.per])
    await house.bot.read_groups()
    for who, user in people.items():
        made.actors[who] = actor = await house.bot.services.people.actor(user.id, user.team_id)
        if actor.may(Action.WORK_ON_CASE):  # a desk opened for the first time notes that it has been opened
            await house.bot.services.away.first_seen(actor, MONDAY - dt.timedelta(1))
    house.bot.scheduler._scheduler.pause()  # what is stored from here on is stored by somebody who did something
    await ws.quiet(0.3)
    made.lent |= set(ws.state.views)
    return made


async def _things(house: House, rolf: User) -> dict[About, str]:
    """Something of each kind; the values by which buttons name them."""
    ws, siri = house.ws, house.siri
    for typed, name in (("valtrex 500", VALTREX), ("zyprexa tab 10", "Zyprexa tab 10 mg")):
        await house.report(rolf, typed, name, place="Hammerfest sykehus", note="Rolfs eget notat")
        await ws.close(rolf)
    await house.said(house.cases, "2025-0002")
    await house.form(siri, "publish_case", house.card("2025-0002"))
    assert not (await ws.submit(siri, {"visibility": "internal"})).errors
    for user, place in ((rolf, "Hammerfest sykehus"), (house.per, "OUS Ullevål"), (rolf, "Hammerfest sykehus")):
        await typed_and_reported(house, user, "isavu", "Isavukonazol", place)
    await house.report(rolf, "abarax 100", "abarax 100", place="Hammerfest sykehus")
    await ws.close(rolf)
    await house.said(house.cases, "2025-0004")
    await house.store("Fokuslisten;Zyprexa tab 5 mg;90000;tablett;2025-07-06;;;;")
    await house.alert()
    for count in ("4300", "4400", "4500"):
        await house.drop_sheet(house.mona, VALTREX_IN_TWO_WEEKS[0].replace("4200", count))
    await house.drop_sheet(house.mona, "Fokuslisten;Zyprexa tab 5 mg;7", name=STRANGE, headings="Sted;Navn;Disponibelt")
    for day in (7, 8):
        preview = await dropped(house, siri, listed(day, *MONDAYS[: 10 - day]), f"liste {day}.csv")
        if day == 7:
            await ws.click(siri, preview, "store_list")
            await house.said(house.cases, "DMPs mangelliste 7. juli", 20)
    house.bot.settings.trusts["Bergen"] = TrustSetting(people=[rolf.id])
    for asked in ({}, {"kind": "opinion", "answer": "choice", "choices": "Ja\nNei"}, HERA):
        await press(house, siri, "ask_hospitals", "2025-0001")
        await ws.view(siri)
        assert not (await ws.submit(siri, FILLED["ask_hospitals"] | asked)).errors
        await ws.close(siri)
    await press(house, siri, "new_panel", "-")
    await ws.view(siri)
    assert not (await ws.submit(siri, {"field": "Onkologi"})).errors
    await ws.close(siri)
    await press(house, siri, "add_expert", "1")
    await ws.view(siri)
    assert not (await ws.submit(siri, FILLED["add_expert"] | {"name": "Per Ekspert"})).errors
    await ws.close(siri)
    await press(house, siri, "draft_restriction", "2025-0001")
    await ws.view(siri)
    assert not (await ws.submit(siri, FILLED["restriction"])).errors
    await ws.close(siri)
    await press(house, siri, "allocate", "2025-0001")
    await ws.view(siri)
    assert not (await ws.submit(siri, FILLED["allocate"])).errors
    assert not (await ws.submit(siri, {})).errors
    await ws.close(siri)
    await press(house, siri, "add_medicine", "-")
    assert not (await ws.submit(siri, ABARAX)).errors
    await ws.close(siri)
    await house.form(siri, "update_case", house.card("2025-0001"))
    due = {"next_step": "Ring leverandøren", "next_step_on": "2025-07-07"}
    assert not (await ws.submit(siri, due)).errors
    assert await house.bot.services.reminders.check()
    await house.form(siri, "close_case", house.card("2025-0003"))
    assert not (await ws.submit(siri, {"outcome": "unknown", "reason": "Leveransene er i gang igjen."})).errors
    for year in (2018, 2019):
        past = f"saksnummer;virkestoff;status;meldt\n{year}-0001;Etoposid;Avsluttet;{year}-01-02\n"
        preview = await dropped(house, siri, past, f"{year}.csv")
        if year == 2018:
            await ws.click(siri, preview, "store_cases")
            await house.whispered(siri, "er lest inn")
    item = (await house.rows(StockItem))[-1]
    by_per = await house.bot.services.people.actor(house.per.id)
    actor = await house.bot.services.people.actor(siri.id)
    later = BulkForm(BulkKind.END, end=dt.date(2025, 9, 1))
    second = await house.bot.services.lists.line("2025-0002", actor)
    batch = await house.bot.services.bulk.carry_out([Picked(second.id, second.version)], later, actor, key=None)
    told = (await house.rows(ShortageReport))[0].model_dump(exclude={"id"})
    async with house.bot.database.unit_of_work() as uow:
        await uow.add(
            ShortageReport(**told | {"reporter": by_per.person, "place": "OUS Ullevål"}),
            DominoAlert(
                case_id=2,
                relative_key=item.preparation_key,
                name=item.name,
                substance=item.substance,
                effect="risen",
                figure=1.5,
                raised_at=uow.now,
            ),
            Follow(
                target=house.cases.id,
                kind="substance",
                subject="aciklovir",
                label="aciklovir",
                since=uow.now,
                by=actor.person,
            ),
            Follow(
                target=siri.id,
                kind="substance",
                subject="aciklovir",
                label="aciklovir",
                since=uow.now,
                by=actor.person,
            ),
            Meeting(
                forum=MAIN,
                week="2025-W20",
                agenda=[["2025-0001"], ["2025-0003"]],
                place=1,
                since=uow.now,
                opened_at=uow.now,
                opened_by=by_per.person,
            ),
            MeetingTask(meeting_id=1, text="Ring leverandøren.", by=by_per.person, at=uow.now),
            LongWork(id="w1", begun_at=uow.now),
            FestFile(
                filename="fest.zip",
                sha256="1",
                content=b"",
                state="offered",
                facts={"preparations": [1, 0, 0], "packages": [1, 0, 0], "names": [["Valtrex tab 500 mg"], [], []]},
                fetched_at=uow.now,
            ),
            EarlyWarning(
                key="J05AB11|valaciklovir", substance="Valaciklovir", atc="J05AB11", list_id=1, raised_at=uow.now
            ),
            DatesTaken(source="dmp", taken_at=uow.now, taken_by=actor.person, changes={"cases": {}}),
            OutboxEntry(
                key="given up",
                channel=siri.id,
                text="Ny melding",
                state="failed",
                problem="channel_not_found",
                not_before=uow.now,
                created_at=uow.now,
            ),
            Synonym(words="valt", means="Valtrex", state="accepted", decided_at=uow.now, decided_by=actor.person),
        )
    sheets = sorted(await house.rows(StockSheet), key=lambda row: row.received_at)
    assessments = house.bot.services.assessments
    zovirax = house.bot.services.catalogue.meant("zovirax tab 800 mg").medicine
    naming = CandidateForm(zovirax, Rung.OTHER_SUBSTANCE)
    await house.bot.services.candidates.change("2025-0001", naming, by_per, key=None)
    (near, other) = (await assessments.of_case("2025-0001", by_per)).lines
    target = Target(case="2025-0001", key=near.candidate.preparation.key)
    for step in Step:
        content = replace(ASSESSED, rung=near.candidate.rung)
        target = await assessments.write(target, step, content, by_per, key=None)
    medicine = house.bot.services.catalogue.meant(VALTREX).medicine
    assert medicine is not None
    first = await house.bot.services.lists.line("2025-0001", actor)
    offered = {
        "case": first.number,
        "version": first.version,
        "day": "2025-07-07",
        "text": "ny sluttdato 15.9",
        "shown": {},
    }
    own = next(row.id for row in await house.rows(CatalogueEntry) if row.brand.startswith("Abarax"))
    lists = await house.rows(RegisterList)
    return {
        About.NOTHING: "-",
        About.FEST_FILE: "1",
        About.CASE_SHEET: str(next(row.id for row in lists if row.source == "cases" and row.state == "preview")),
        About.STORED_CASES: str(next(row.id for row in lists if row.source == "cases" and row.state == "stored")),
        About.FORUM: MAIN,
        About.CASE: "2025-0001",
        About.CANDIDATE: f"2025-0001 {other.candidate.preparation.key}",
        About.ASSESSMENT: str(target.assessment),
        About.ALLOCATION: "1",
        About.LANGUAGE: "nn",
        About.CLOSED_CASE: "2025-0003",
        About.LOG: "1 2025-0001",
        About.REMINDER: str((await house.rows(Reminder))[0].id),
        About.MEETING: "1",
        About.AGENDA: "1 1",
        About.TASK: "1",
        About.ALERT: str((await house.rows(StockAlert))[-1].id),
        About.DOMINO: "1",
        About.POOL: "fokuslisten",
        About.ITEM: str(item.id),
        About.SHEET: " ".join(row.id for row in sheets if row.state == "preview" and row.filename != STRANGE),
        About.STORED_SHEET: next(row.id for row in sheets if row.state == "stored"),
        About.UNKNOWN_SHEET: next(row.id for row in sheets if row.filename == STRANGE),
        About.WORK: "w1",
        About.REPORT: "1",
        About.NOTICE: str((await house.rows(RegisterNotice))[0].id),
        About.LIST: " ".join(str(row.id) for row in lists if row.source != "cases"),
        About.DATES: "1",
        About.WARNING: "1",
        About.MEDICINE: medicine.value,
        About.PAGE: "1",
        About.FOLLOWED: "aciklovir",
        About.MUTED: "2025-0001 aciklovir",
        About.SHORT_NAME: str((await house.rows(Synonym))[0].id),
        About.PROPOSAL: (await house.bot.services.keeping.proposals(actor))[0].value,
        About.OWN_MEDICINE: own,
        About.TIE: f"2025-0004 {own}",
        About.INQUIRY: "1",
        About.WAITED_FOR: "3",
        About.PANEL: "1",
        About.EXPERT: "1",
        About.ASKED: "1",
        About.CHOICE: "2 0",
        About.RESTRICTION: "1",
        About.STEP: f"1 {(await house.rows(Restriction))[0].version}",
        About.PART: "1",
        About.NEED: "no_owner",
        About.YEAR: "2025",
        About.BATCH: str(batch.id),
        About.INSTANT: MONDAY.isoformat(),
        About.UNDELIVERED: str(next(row.id for row in await house.rows(OutboxEntry) if row.key == "given up")),
        About.OFFER: json.dumps(offered),
        About.FILE: json.dumps(
            {"case": "2025-0001", "address": "https://t.slack.com/files/U1/F1/brev.pdf", "title": "b"}
        ),
    }


async def press(house: House, user: User, button: str, value: str, view: View | None = None) -> Ack:
    """Press a button with a value of one's own, on a card or in a window; of a menu, choose an entry of one's own."""
    words = {"type": "plain_text", "text": "x"}
    element: dict[str, Any] = {"type": "button", "action_id": button, "text": words, "value": value}
    chosen = None
    if button in MENUS:
        element, chosen = {"type": "overflow", "action_id": button}, {"text": words, "value": value}
    place = Place({"type": "actions", "block_id": "forged", "elements": [element]}, element)
    if view is not None:
        return await house.ws.people.use_in_view(user, view, place, chosen)
    return (await house.ws.people.use_in_message(user, house.card(), place, chosen))[0]


async def _open(world: World, form: str, user: User) -> None:
    """Open a form as somebody who may, and fill it in: what the others then send is that very window."""
    ws = world.house.ws
    filled = dict(FILLED.get(form, {}))
    if form == "report":
        await ws.slash(user, "/mangel")
    elif form in THEN:
        world.opened(THEN[form], user)
        await ws.submit(user)
    else:
        button = next(
            (way for way in WAYS_IN if (way.kind, way.name) == (Kind.BUTTON, OPENED_BY.get(form, form))), None
        )
        assert button is not None, f"How is the form {form} opened? Its button is not called so: name it in OPENED_BY."
        behind = world.opened(button.where, user) if button.where in world.views else None
        await press(world.house, user, button.name, world.value_of(button), behind)
    await ws.wait_for(lambda: getattr(ws.current_view(user), "callback_id", None) == form, 20, f"the form {form}")
    for name, given in filled.items():
        if name == "medicine":
            filled[name] = (await ws.type_ahead(user, "medicine", given))[0]
            if "medicine" not in form:
                await ws.choose(user, "medicine", filled[name])
        elif name in ("who", "to"):
            filled[name] = world.people[given]
        elif name == "tick":
            options = find_element((await ws.view(user)).blocks, name).element["options"]
            filled[name] = [option["value"] for option in options]
    view = await ws.fill(user, filled)
    world.views[form] = replace(view, body=copy.deepcopy(view.body), values=copy.deepcopy(view.values))
    ws.core.screens.close_all(user.id)


# --- the walk ---


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_nobody_reaches_what_is_not_theirs(world: World, caplog: pytest.LogCaptureFixture) -> None:
    cells = world.cells()
    await _refused(world, [cell for cell in cells if not cell.allowed], caplog)
    await _shown(world, [cell for cell in cells if cell.allowed and not cell.way.changes], caplog)
    _nothing_leaked(world)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_everybody_may_change_what_is_theirs_to_change(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await _changed(world, [cell for cell in world.cells() if cell.allowed and cell.way.changes], caplog)
    _nothing_leaked(world)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_what_is_stale_or_forged_does_nothing_and_betrays_nothing(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Values of buttons, and what windows remember, as an old card or a client of one's own would send them.

    For those who may, what is gone is told and changes nothing. For those who may not know of an internal case, its
    number and one that never was are answered alike.
    """
    before = await world.stored()
    caplog.clear()
    for way in WAYS_IN:
        if way.kind is Kind.BUTTON and way.about not in NAMES_NOTHING:
            for value in GONE:
                behind = world.opened(way.where, world.people["centre"]) if way.where in world.views else None
                await press(world.house, world.people["centre"], way.name, value, behind)
    for form in [way.name for way in WAYS_IN if way.kind is Kind.FORM and way.about is not About.NOTHING]:
        remembered = json.loads(world.views[form].body.get("private_metadata") or "{}")
        for value in GONE if remembered else ():
            await world.send(form, "centre", json.dumps(dict.fromkeys(remembered, value)))
    await world.settled()
    _nothing_unforeseen(caplog)
    after = await world.stored()
    stored = {name: [row for row in rows if row not in before[name]] for name, rows in after.items()}
    assert after == before, f"stored for what is gone: { {name: rows for name, rows in stored.items() if rows} }"

    internal, never = "2025-0002", "2025-0999"
    for who in ("clinician", "other organisation", "guest", "former member of the centre"):
        user = world.people[who]
        heard = []
        for number in (internal, never):
            said = len(world.shown_to(user))
            for way in WAYS_IN:
                if way.kind is Kind.BUTTON and way.about is About.CASE and way.where not in world.views:
                    await press(world.house, user, way.name, number)
                    await world.settled()
            heard.append([text.replace(number, "…") for text in world.shown_to(user)[said:]])
        assert heard[0] and heard[0] == heard[1], f"{who} can tell a hidden case from none"
        assert "Zyprexa" not in "".join(heard[0])
    _nothing_unforeseen(caplog)


GONE = ("2025-9999", "999999", "p:999999", "nonsense", "")
"""What a button or a window names that is not there, or never was."""

NAMES_NOTHING = {
    *(About.NOTHING, About.LANGUAGE, About.PAGE, About.NEED, About.YEAR, About.FOLLOWED, About.MUTED),
    *(About.FORUM, About.WORK),
}
"""What a value is about that need not be there: whoever follows nothing stops following it, work that
is over is stopped, and a button of before there were forums opens the meeting."""


def _nothing_unforeseen(caplog: pytest.LogCaptureFixture) -> None:
    wrong = [
        f"{record.getMessage()}: {record.exc_info and record.exc_info[1]!r}"
        for record in caplog.records
        if "unexpected" in record.msg and not _of_a_window(record)
    ]
    assert not wrong, "; ".join(wrong)


async def _refused(world: World, cells: list[Cell], caplog: pytest.LogCaptureFixture) -> None:
    """Each is told in one line that it is not theirs, the log says so, no form opens, and not one row is touched."""
    before = await world.stored()
    said = {who: len(world.shown_to(user)) for who, user in world.people.items()}
    views = set(world.house.ws.state.views)
    caplog.clear()
    await world.use_all(cells)
    refused = _refusals(world, caplog)
    reached = [str(cell) for cell in cells if (f"{cell.way.kind.value} {cell.way.name}", cell.who) not in refused]
    assert not reached, "Not refused for want of a grant (the service has to ask for it): " + "; ".join(reached)
    after = await world.stored()
    assert after == before, f"stored for one who may not: {[name for name in after if after[name] != before[name]]}"
    new = [view for id_, view in world.house.ws.state.views.items() if id_ not in views | world.lent]
    opened = [view.callback_id for view in new if view.callback_id]
    assert not opened, f"forms that opened for one who may not: {opened}"
    for cell in cells:
        if cell.way.kind is Kind.FORM:
            assert cell.ack is not None and cell.ack.payload is not None, f"{cell} was not answered"
            assert cell.ack.payload.get("errors") or cell.ack.payload.get("view"), f"{cell} was told nothing"
    for who, user in world.people.items():
        lines = world.shown_to(user)[said[who] :]
        beside = [cell for cell in cells if cell.who == who and cell.way.kind is not Kind.FORM]
        assert not beside or lines, f"{who} was told nothing"


def _refusals(world: World, caplog: pytest.LogCaptureFixture) -> set[tuple[str, str]]:
    persons = {actor.person: who for who, actor in world.actors.items()}
    found = (REFUSED.fullmatch(record.getMessage()) for record in caplog.records)
    return {(one["way"], persons[one["person"]]) for one in found if one}


async def _shown(world: World, cells: list[Cell], caplog: pytest.LogCaptureFixture) -> None:
    """Whoever may ask is answered, and asking changes nothing."""
    before = await world.stored()
    for way in dict.fromkeys(cell.way for cell in cells):
        caplog.clear()
        await world.use_all([cell for cell in cells if cell.way == way])
        _nothing_went_wrong(caplog, str(way))
    after = await world.stored()
    stored = {name: [row for row in rows if row not in before[name]] for name, rows in after.items()}
    assert after == before, f"stored by asking: { {name: rows for name, rows in stored.items() if rows} }"


async def _changed(world: World, cells: list[Cell], caplog: pytest.LogCaptureFixture) -> None:
    """Each change works for one who may make it, everything being as it was; and nobody else who may is refused."""
    first = list({cell.way: cell for cell in reversed(cells)}.values())[::-1]
    await world.save()
    idle = []
    for cell in first:
        for name in AFTER.get(cell.way.name, ()):
            await world.use_all([one for one in cells if one.way.name == name and one.who == cell.who])
        caplog.clear()
        between = await world.stored()
        await world.use_all([cell])
        _nothing_went_wrong(caplog, str(cell))
        if await world.stored() == between:
            idle.append(str(cell))
        await world.restore(catalogue=cell.way.grant is Action.KEEP_CATALOGUE)
    assert not idle, "Said to change something, and changed nothing: " + "; ".join(idle)
    caplog.clear()
    await world.use_all([cell for cell in cells if cell not in first])
    refused = _refusals(world, caplog)
    assert not refused, f"refused to one who may: {refused}"


def _nothing_went_wrong(caplog: pytest.LogCaptureFixture, what: str) -> None:
    """Nobody was refused, and nothing failed but the way back to a window that was put there by hand."""
    wrong = [
        record.getMessage()
        for record in caplog.records
        if "refused" in record.msg or ("unexpected" in record.msg and not _of_a_window(record))
    ]
    assert not wrong, f"{what}: {wrong}"


def _of_a_window(record: logging.LogRecord) -> bool:
    return record.exc_info is not None and isinstance(record.exc_info[1], SlackApiError)


def _nothing_leaked(world: World) -> None:
    """Of all that anybody was shown, nothing is beyond their grants."""
    numbers, internal = ("4200", "4 200"), ("2025-0002", "Zyprexa tab 10 mg")
    reporter = ("Rolfs eget notat", "Hammerfest sykehus", f"<@{world.people['reporter'].id}>", "@Rolf Reporter")
    outside = ("clinician", "other organisation", "guest", "former member of the centre")
    for who, secrets in (
        *((who, numbers + internal + reporter) for who in outside),
        ("reporter", numbers),
        ("manager of another pool", numbers + internal + reporter),
        ("manager of the pool", internal),
        ("meeting", internal),
    ):
        for text in world.shown_to(world.people[who]):
            for secret in secrets:
                assert secret not in text, f"{who} was shown «{secret}»: {text}"
