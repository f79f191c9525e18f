"""A case's archive copy: everything that is known of it, said about it and decided in it, as a page and as data.

Each part is marked with what has to be considered before somebody outside reads it. The marks decide nothing: they
tell whoever answers a request for access where to look (offentleglova §§ 13, 14, 21). What nobody has marked is to be
considered; only what the centre has published is open.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.views import CaseView, load_views
from bot.cases.vocabulary import (
    CameBy,
    Missing,
    RunsOut,
    Visibility,
    Worded,
)
from bot.clock import Clock, oslo
from bot.delivery.threads import Remark, as_plain, mentioned_in, names_of, remarks_in
from bot.delivery.uploads import Paper
from bot.meeting.papers import mentioned, with_names
from bot.messages.message import Message
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import Mention
from bot.paper import Printer, printed
from bot.people.log_words import action_of, details_of
from bot.people.roles import Action, Actor
from bot.refusal import Refused
from storage import archive as stored
from storage import cases, people
from storage.tables import ShortageCase
from storage.unit_of_work import Answer, Database, UnitOfWork

log = logging.getLogger(__name__)

KINDS = ("pdf", "html", "json")
"""What a copy comes as: to be kept, to be read anywhere, and for another program."""

FORMAT = "mangelvakt-case-archive"
FORMAT_VERSION = 1


class Access(Worded):
    """What has to be considered before somebody outside reads a part."""

    OPEN = "open", phrase("Publisert av senteret")
    INTERNAL = "internal", phrase("Vurder: intern saksbehandling (offentleglova § 14)")
    PERSONAL = "personal", phrase("Vurder: opplysninger om personer (offentleglova § 13)")
    BUSINESS = "business", phrase("Vurder: forretningsopplysninger (offentleglova § 13)")
    STOCK = "stock", phrase("Vurder: lager og beredskap (offentleglova § 21)")


TABLES: dict[str, Access] = {
    "shortage_report": Access.PERSONAL,
    "follow": Access.PERSONAL,
    "allocation": Access.STOCK,
    "allocation_share": Access.STOCK,
    "stock_alert": Access.STOCK,
    "domino_alert": Access.STOCK,
}
"""What is to be considered of a table's rows; of one that does not stand here: internal work on the case."""

COLUMNS: dict[str, Access] = {
    "shortage_case.cost_consequences": Access.BUSINESS,
    "shortage_case.extra_cost_nok": Access.BUSINESS,
    "shortage_report.told_by": Access.PERSONAL,
    "candidate_link.signed_by": Access.PERSONAL,
    "meeting_task.name": Access.PERSONAL,
    "outbox.channel": Access.PERSONAL,
}
"""Columns that are more than their table's rows; those that point at a person are so by themselves."""

ONCE_PUBLISHED = ("number", "name", "substance", "atc", "status", "start", "expected_end", "regions", "advice")
"""Columns of a case that the open channel shows once it is published (`templates/_case_public.j2`)."""


@dataclass(frozen=True, slots=True)
class InSlack:
    """A text as it stands in Slack, with its markup."""

    text: str


Cell = Phrase | str | int | bool | dt.date | Mention | InSlack | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known, under its name."""

    label: Phrase
    value: Cell
    access: Access


@dataclass(frozen=True, slots=True)
class Part:
    """A table of the page: what it is about, what to consider, its headings and rows, oldest first."""

    title: Phrase
    access: Access
    headings: tuple[Phrase, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class ArchiveCopy:
    """A case as it stood at `made_at`: the page's facts and parts, and `data`, all of it for another program.

    `thread_read`: whether what people wrote in the case's thread could be read.
    """

    number: str
    title: str
    version: int
    made_at: dt.datetime
    made_by: Mention | None
    thread_read: bool
    facts: tuple[Fact, ...]
    parts: tuple[Part, ...]
    data: Mapping[str, Any]

    @property
    def as_json(self) -> bytes:
        """The data as UTF-8."""
        return json.dumps(self.data, ensure_ascii=False, indent=2).encode() + b"\n"

    @property
    def sha256(self) -> str:
        """The mark of the data: the page names it, so that the two are known to belong together."""
        return hashlib.sha256(self.as_json).hexdigest()

    @property
    def people(self) -> set[str]:
        """The Slack ids of everybody named on the page."""
        said = (cell.text for part in self.parts for row in part.rows for cell in row if isinstance(cell, InSlack))
        return mentioned((self.made_by, self.facts, self.parts)).union(*map(mentioned_in, said))

    def page(self, printer: Printer, names: Mapping[str, str], language: str) -> str:
        """The copy as one HTML page that stands alone; printed as PDF/A-3 it can be kept. `names`: Slack id → name."""
        named = {one: names.get(one, one) for one in self.people}
        parts = tuple(replace(part, rows=tuple(_plainly(row, named) for row in part.rows)) for part in self.parts)
        copy = with_names(replace(self, parts=parts, data={}), named)
        return printer.page("case.html.j2", language, copy=copy, sha256=self.sha256)

    def filename(self, kind: str) -> str:
        """`2025-0147-20251203.pdf`: a file that sorts by case and day."""
        number = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in self.number)
        return f"{number}-{oslo(self.made_at):%Y%m%d}.{kind}"


class ArchiveService:
    """Makes archive copies. It changes nothing but the log, which says that one was made."""

    def __init__(self, database: Database, clock: Clock, language: str) -> None:
        """`language`: that of the pages; what is archived is the same for whoever asked for it."""
        self._database = database
        self._clock = clock
        self._language = language
        self._printer = Printer(clock=clock)

    async def with_thread(
        self, number: str, by: Actor | None, client: AsyncWebClient | None
    ) -> tuple[ArchiveCopy, dict[str, str]]:
        """The copy with what people wrote in the case's thread, and the names of those who stand in it.

        Raises like `copy`, and `DeliveryError` where Slack does not answer now. Without `client`, and where there is
        no thread any more, the copy says that it was not read.
        """
        if by is not None:
            by.require(Action.WORK_ON_CASE)
        at = await self._thread_at(number)
        thread: Sequence[Remark] | None = () if at is None else None
        if client is not None and at is not None:
            thread = await remarks_in(client, *at)
        copy = await self.copy(number, by, thread)
        return copy, await names_of(client, copy.people) if client is not None else {}

    async def papers(self, copy: ArchiveCopy, names: Mapping[str, str], kinds: Collection[str] = KINDS) -> list[Paper]:
        """The files, PDF/A first; without the PDF where this machine prints none, unless nothing else was asked for."""
        page = copy.page(self._printer, names, self._language)
        title = f"{copy.number} {copy.title}"[:200]
        made: dict[str, bytes] = {"html": page.encode(), "json": copy.as_json}
        if "pdf" in kinds:
            try:
                made["pdf"] = await printed(page, "pdf/a-3a")
            except Refused as refused:
                if set(kinds) == {"pdf"}:
                    raise
                log.warning("the archive copy of %s goes without its PDF: %s", copy.number, refused)
        return [Paper(copy.filename(kind), title, made[kind]) for kind in KINDS if kind in kinds and kind in made]

    async def _thread_at(self, number: str) -> tuple[str, str] | None:
        """Where a case's thread stands in Slack: channel and timestamp."""
        async with self._database.read() as session:
            return await stored.card_at(session, number)

    async def copy(self, number: str, by: Actor | None, thread: Sequence[Remark] | None) -> ArchiveCopy:
        """The case's copy; `by` nobody: the command line, or the bot itself. `thread` None: it was not read.

        Raises `Refused` where there is no such case.
        """
        if by is not None:
            by.require(Action.WORK_ON_CASE)
        async with self._database.read() as session:
            case = await cases.by_number(session, number)
            if case is None:
                raise Refused(phrase("Fant ikke sak {number}.", number=number))
            return await self._copy(session, case, by, thread)

    async def _copy(
        self, session: AsyncSession, case: ShortageCase, by: Actor | None, thread: Sequence[Remark] | None
    ) -> ArchiveCopy:
        now = self._clock.now()
        view = (await load_views(session, [case], None, oslo(now).date()))[0]
        tables = await stored.rows_of_case(session, case)
        keys = {value for table, rows in tables.items() for value in _keys_in(table, rows)}
        slack_ids = await people.slack_users(session, keys)
        who = Mention(by.slack_user) if by else None
        return ArchiveCopy(
            number=case.number,
            title=view.title,
            version=case.version,
            made_at=now,
            made_by=who,
            thread_read=thread is not None,
            facts=tuple(_facts(view)),
            parts=tuple(part for part in _parts(tables, slack_ids, thread or ()) if part.rows),
            data=_data(view, tables, slack_ids, thread, now, by),
        )

    async def note(self, copy: ArchiveCopy, kinds: Sequence[str], by: Actor | None, *, key: str | None) -> None:
        """Let the log say that the copy was made, with its mark."""
        if by is not None:
            by.require(Action.WORK_ON_CASE)

        async def work(uow: UnitOfWork) -> Answer:
            note_in(uow, copy, kinds, by.person if by else None)
            return {}

        await self._database.once(key, work)


def note_in(uow: UnitOfWork, copy: ArchiveCopy, kinds: Sequence[str], by: str | None) -> None:
    """`ArchiveService.note`, in a unit of work of the caller's."""
    uow.record(f"case:{copy.number}", "archived", by=by, files=list(kinds), sha256=copy.sha256, version=copy.version)


# --- the page ---


def _facts(case: CaseView) -> Iterable[Fact]:
    published = case.visibility is Visibility.PUBLISHED
    seen = Access.OPEN if published else Access.INTERNAL

    def choices(chosen: Sequence[Worded]) -> Phrase | None:
        places = ", ".join(f"{{p{place}}}" for place in range(len(chosen)))
        return Phrase(places, {f"p{place}": one.words for place, one in enumerate(chosen)}) if chosen else None

    def word(chosen: Worded | None) -> Phrase | None:
        return chosen.words if chosen else None

    yield Fact(phrase("Saksnummer"), case.number, seen)
    yield Fact(phrase("Legemiddel"), case.name, seen)
    yield Fact(phrase("Virkestoff"), case.substance, seen)
    yield Fact(phrase("ATC"), case.atc, seen)
    yield Fact(phrase("Hva som mangler"), case.goods.words, seen)
    yield Fact(phrase("Markedsføringstillatelse"), case.authorised.words, Access.INTERNAL)
    yield Fact(phrase("Varenumre"), ", ".join(case.packages) or None, Access.INTERNAL)
    yield Fact(phrase("Status"), case.status.words, seen)
    yield Fact(phrase("Synlighet"), case.visibility.words, Access.INTERNAL)
    yield Fact(phrase("Utfall"), word(case.outcome), Access.INTERNAL)
    yield Fact(phrase("Begrunnelse"), case.close_reason, Access.INTERNAL)
    yield Fact(phrase("Ikke aktuell: hvorfor?"), word(case.not_relevant), Access.INTERNAL)
    yield Fact(phrase("Start"), case.start, seen)
    yield Fact(phrase("Slutt"), case.expected_end, seen)
    yield Fact(phrase("Opprettet"), oslo(case.opened_at), Access.INTERNAL)
    yield Fact(phrase("Endret"), oslo(case.changed_at), Access.INTERNAL)
    yield Fact(phrase("Avsluttet"), oslo(case.closed_at) if case.closed_at else None, Access.INTERNAL)
    yield Fact(phrase("Årsak"), word(case.cause), Access.INTERNAL)
    yield Fact(phrase("Kilde for meldingen"), word(case.source), Access.INTERNAL)
    yield Fact(phrase("Hvor brukes det?"), word(case.sector), Access.INTERNAL)
    yield Fact(phrase("Finansiering og lager"), choices(case.system_factors), Access.STOCK)
    yield Fact(phrase("Alvor"), word(case.criticality), Access.INTERNAL)
    yield Fact(phrase("Pasientgrupper"), choices(case.groups), Access.INTERNAL)
    yield Fact(phrase("Gruppe eller fagområde"), case.affected, Access.INTERNAL)
    yield Fact(phrase("Regioner"), choices(case.regions), seen)
    yield Fact(phrase("Følger for pasientene"), case.patient_consequences, Access.INTERNAL)
    yield Fact(phrase("Følger for økonomien"), case.cost_consequences, Access.BUSINESS)
    yield Fact(phrase("Merkostnad i kroner"), case.extra_cost_nok, Access.BUSINESS)
    yield Fact(phrase("Tiltak i gang"), choices(case.in_use), Access.INTERNAL)
    yield Fact(phrase("Tiltak som hjalp"), choices(case.helped), Access.INTERNAL)
    yield Fact(phrase("Prøvd, men hjalp ikke"), choices(case.did_not_help), Access.INTERNAL)
    yield Fact(phrase("Erstatning"), case.substitute, Access.INTERNAL)
    yield Fact(phrase("Råd fra senteret"), case.advice, seen)
    yield Fact(phrase("Spørsmål til møtet"), case.decision_question, Access.INTERNAL)
    yield Fact(phrase("Neste steg"), case.next_step, Access.INTERNAL)
    yield Fact(phrase("Frist"), case.next_step_on, Access.INTERNAL)
    yield Fact(phrase("Ansvarlig"), case.owner, Access.PERSONAL)
    yield Fact(phrase("Stedfortreder"), case.stand_in, Access.PERSONAL)
    yield Fact(phrase("Hører sammen med"), ", ".join(case.related) or None, Access.INTERNAL)
    yield Fact(phrase("Dominoeffekt av sak"), case.domino_of, Access.INTERNAL)
    yield Fact(phrase("Fortsetter fra sak"), case.continues, Access.INTERNAL)
    yield Fact(phrase("Skilt ut fra sak"), case.split_from, Access.INTERNAL)
    yield Fact(phrase("Fortsetter i sak"), case.merged_into, Access.INTERNAL)


Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def _parts(tables: Rows, slack_ids: Mapping[str, str], thread: Sequence[Remark]) -> Iterable[Part]:
    """The page's tables, in the order in which somebody asks; those without rows are left out by the caller."""
    when, who = phrase("Tidspunkt"), phrase("Hvem")

    def person(key: str | None) -> Cell:
        if key is None:
            return None
        return Mention(slack_ids[key]) if key in slack_ids else phrase("slettet")

    def part(title: Phrase, table: str, headings: Sequence[Phrase], row: Any, access: Access | None = None) -> Part:
        rows = tuple(tuple(row(one)) for one in tables.get(table, ()))
        return Part(title, access or TABLES.get(table, Access.INTERNAL), tuple(headings), rows)

    yield part(
        phrase("Meldinger"),
        "shortage_report",
        (when, phrase("Sted"), who, phrase("Hva mangler"), phrase("Når det er tomt"), phrase("Merknad")),
        lambda one: (
            _at(one["reported_at"]),
            one["place"],
            one["told_by"] or person(one["reporter"]),
            Missing(one["missing"]).words,
            RunsOut(one["runs_out"]).words,
            _report_says(one),
        ),
    )
    yield part(
        phrase("Meldt sluttdato"),
        "end_date",
        (when, phrase("Sluttdato"), who, phrase("Kilde")),
        lambda one: (_at(one["said_at"]), _day(one["end"]) or phrase("ukjent"), person(one["by"]), one["source"]),
    )
    yield part(
        phrase("Kandidater til erstatning"),
        "candidate_link",
        (when, phrase("Legemiddel"), phrase("Brukes til"), phrase("Vurdert av"), phrase("Dato")),
        lambda one: (_at(one["set_at"]), one["name"], one["use"], one["signed_by"], _day(one["signed_on"])),
    )
    parts_of: dict[int, list[Mapping[str, Any]]] = {}
    for one in tables.get("restriction_part", ()):
        parts_of.setdefault(one["restriction_id"], []).append(one)
    yield part(
        phrase("Restriksjoner"),
        "restriction",
        (phrase("Skrevet"), phrase("Vedtatt"), phrase("Vedtatt av"), phrase("Hva som gjelder"), phrase("Hjemmel")),
        lambda one: (
            _at(one["drafted_at"]),
            _at(one["decided_at"]),
            person(one["decided_by"]),
            "; ".join(_in_force(each) for each in parts_of.get(one["id"], ())),
            one["ground_words"],
        ),
    )
    yield part(
        phrase("Fordelte leveranser"),
        "allocation_share",
        (phrase("Mottaker"), phrase("Pakninger"), phrase("Sendt"), phrase("Begrunnelse")),
        lambda one: (one["receiver"], one["packages"], one["sent"], one["reason"]),
    )
    yield part(
        phrase("Beslutninger i møtet"),
        "meeting_decision",
        (when, phrase("Beslutning"), phrase("Ny sluttdato"), who),
        lambda one: (_at(one["at"]), one["text"], _day(one["end"]), person(one["by"])),
    )
    yield part(
        phrase("Oppgaver fra møtet"),
        "meeting_task",
        (when, phrase("Oppgave"), who, phrase("Frist"), phrase("Gjort")),
        lambda one: (
            _at(one["at"]), one["text"], one["name"] or person(one["assignee"]), _day(one["due"]), _at(one["done_at"]),
        ),
    )  # fmt: skip
    yield part(
        phrase("Lagervarsler"),
        "stock_alert",
        (when, phrase("Avsluttet"), phrase("Følges opp av"), phrase("Merknad"), phrase("Begrunnelse")),
        lambda one: (
            _at(one["raised_at"]), _at(one["closed_at"]), person(one["followed_by"]), one["note"], one["close_reason"],
        ),
    )  # fmt: skip
    yield part(
        phrase("Mulige dominoeffekter"),
        "domino_alert",
        (when, phrase("Legemiddel"), phrase("Sak"), phrase("Over")),
        lambda one: (_at(one["raised_at"]), one["name"], one["case_number"], _at(one["closed_at"])),
    )
    yield part(
        phrase("Meldinger fra registre"),
        "register_notice",
        (phrase("Navn"), phrase("Start"), phrase("Slutt"), phrase("Informasjon")),
        lambda one: (one["name"], _day(one["start"]), _day(one["end"]), one["note"] or None),
    )
    yield part(
        phrase("Dokumenter"),
        "case_document",
        (when, phrase("Navn"), phrase("Adresse"), phrase("Fjernet")),
        lambda one: (_at(one["added_at"]), one["title"], one["address"], _at(one["removed_at"])),
    )
    yield Part(
        phrase("Skrevet i sakens tråd"),
        Access.PERSONAL,
        (when, who, phrase("Tekst"), phrase("Filer")),
        tuple(
            (
                oslo(remark.at),
                remark.who,
                InSlack(remark.text) if remark.text is not None else WITHHELD,
                ", ".join(f"{name} {address}".strip() for name, address in remark.files) or None,
            )
            for remark in thread
        ),
    )
    yield part(
        phrase("Sagt av Mangelvakt"),
        "outbox",
        (when, phrase("Til"), phrase("Tekst")),
        lambda one: (_at(one["sent_at"]) or phrase("ikke sendt"), _receiver(one["channel"]), _said(one)),
    )
    yield part(
        phrase("Logg"),
        "audit",
        (when, who, phrase("Hva"), phrase("Detaljer")),
        lambda one: (
            _at(one["at"]),
            person(one["person"]) or "Mangelvakt",
            action_of(one["action"]),
            _semicolons(details_of(one["action"], one["details"] or {})),
        ),
    )


def _plainly(row: tuple[Cell, ...], names: Mapping[str, str]) -> tuple[Cell, ...]:
    return tuple(as_plain(cell.text, names) if isinstance(cell, InSlack) else cell for cell in row)


def _said(one: Mapping[str, Any]) -> Cell:
    """A message's words; those of an erased one are gone."""
    if not one["text"]:
        return phrase("slettet")
    return InSlack(Message(one["text"], tuple(one["blocks"] or ())).in_slack)


WITHHELD = phrase("Teksten inneholdt et fødselsnummer og er ikke tatt med.")


def _semicolons(said: Sequence[Phrase]) -> Phrase | None:
    places = "; ".join(f"{{p{place}}}" for place in range(len(said)))
    return Phrase(places, {f"p{place}": one for place, one in enumerate(said)}) if said else None


def _report_says(one: Mapping[str, Any]) -> Phrase | str | None:
    """The note, how it came, and that it was taken back."""
    said = [phrase("{note}", note=one["note"])] if one["note"] else []
    if one["came_by"]:
        said.append(CameBy(one["came_by"]).words)
    if one["withdrawn_at"]:
        said.append(phrase("trukket tilbake"))
    return _semicolons(said)


def _in_force(one: Mapping[str, Any]) -> str:
    first, last = one["starts_on"] or "", one["lifted_on"] or one["ends_on"] or ""
    return f"{one['words']} ({first}–{last})" if first or last else str(one["words"])


def _receiver(channel: str) -> Cell:
    return Mention(channel) if channel.startswith(("U", "W")) else channel


def _at(value: str | None) -> dt.datetime | None:
    return oslo(dt.datetime.fromisoformat(value)) if value else None


def _day(value: str | None) -> dt.date | None:
    return dt.date.fromisoformat(value) if value else None


# --- the data ---


def _keys_in(table: str, rows: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    columns = stored.person_columns(table)
    return (row[column] for row in rows for column in columns if row[column])


def access_of(table: str, columns: Iterable[str], *, published: bool) -> dict[str, str]:
    """Column → what to consider, for those that differ from their table."""
    whole = TABLES.get(table, Access.INTERNAL)
    found: dict[str, Access] = {}
    persons = stored.person_columns(table)
    for column in columns:
        one = COLUMNS.get(f"{table}.{column}", Access.PERSONAL if column in persons else whole)
        if table == ShortageCase.__tablename__ and published and column in ONCE_PUBLISHED:
            one = Access.OPEN
        if one is not whole:
            found[column] = one
    return {column: one.value for column, one in found.items()}


def _data(
    view: CaseView,
    tables: Rows,
    slack_ids: Mapping[str, str],
    thread: Sequence[Remark] | None,
    now: dt.datetime,
    by: Actor | None,
) -> dict[str, Any]:
    published = view.visibility is Visibility.PUBLISHED
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "case": view.number,
        "title": view.title,
        "case_version": view.version,
        "made_at": now.isoformat(),
        "made_by": by.slack_user if by else None,
        "access": {one.value: str(one.words) for one in Access},
        "people": {key: slack_ids.get(key) for key in sorted({k for t, r in tables.items() for k in _keys_in(t, r)})},
        "tables": {
            table: {
                "access": TABLES.get(table, Access.INTERNAL).value,
                "access_of_columns": access_of(table, rows[0], published=published),
                "rows": list(rows),
            }
            for table, rows in tables.items()
        },
        "thread": None
        if thread is None
        else {
            "access": Access.PERSONAL.value,
            "messages": [
                {
                    "at": one.at.isoformat(),
                    "who": one.who.slack_id if one.who else None,
                    "text": one.text,
                    "withheld": one.text is None,
                    "files": [{"name": name, "address": address} for name, address in one.files],
                }
                for one in thread
            ],
        },
    }
