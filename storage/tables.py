"""Every table. Closed lists (status, cause …) are stored as their English code; the words for people are elsewhere.

Times are aware UTC. Dates are calendar dates in Norway. A value that is not known is NULL.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Column, Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.types import UTCDateTime

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING

Json = Any


def _instant(**options: Any) -> Any:
    return Field(sa_type=UTCDateTime, **options)


def _json(**options: Any) -> Any:
    return Field(sa_type=JSON, **options)


def _long(**options: Any) -> Any:
    return Field(sa_type=Text, **options)


# --- people ---


class Person(SQLModel, table=True):
    """A key for one person. Erasing them empties `slack_user` and leaves every row that points here."""

    __tablename__ = "person"
    id: str = Field(primary_key=True, max_length=36)
    slack_user: str | None = Field(default=None, unique=True, max_length=32)
    slack_team: str | None = Field(default=None, max_length=32)
    language: str | None = Field(default=None, max_length=8)
    place: str | None = Field(default=None, max_length=200)
    first_seen: dt.datetime = _instant()


class Follow(SQLModel, table=True):
    """A person or a channel that wants to hear of a medicine, an ATC group, a case, a region or a pool.

    `pace` is now, daily, weekly, or never: that one follows nothing, and only keeps its subject muted.
    """

    __tablename__ = "follow"
    __table_args__ = (UniqueConstraint("target", "kind", "subject"),)
    id: int | None = Field(default=None, primary_key=True)
    target: str = Field(max_length=32)
    kind: str = Field(max_length=16)
    subject: str = Field(max_length=300)
    label: str = Field(max_length=300)
    since: dt.datetime = _instant()
    by: str = Field(foreign_key="person.id", max_length=36)
    pace: str = Field(default="now", max_length=8, sa_column_kwargs={"server_default": "now"})
    muted_until: dt.date | None = None


class FollowedNews(SQLModel, table=True):
    """That something has happened to what is followed, until the message that collects it is due."""

    __tablename__ = "followed_news"
    __table_args__ = (UniqueConstraint("target", "about_kind", "about"),)
    id: int | None = Field(default=None, primary_key=True)
    target: str = Field(max_length=32)
    follow_id: int = Field(foreign_key="follow.id", index=True)
    about_kind: str = Field(max_length=16)
    about: str = Field(max_length=80)
    at: dt.datetime = _instant()
    due_at: dt.datetime = _instant(index=True)


class AuditEntry(SQLModel, table=True):
    """What was done, by whom, when. Rows are added, never changed."""

    __tablename__ = "audit"
    id: int | None = Field(default=None, primary_key=True)
    at: dt.datetime = _instant(index=True)
    person: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    subject: str = Field(index=True, max_length=80)
    action: str = Field(max_length=40)
    details: Json = _json(default_factory=dict)


# --- what comes in once, what goes out for certain ---


class InboxEntry(SQLModel, table=True):
    """A thing from Slack that has been handled, with the answer it got, so that a repeat gets the same one."""

    __tablename__ = "inbox"
    key: str = Field(primary_key=True, max_length=200)
    at: dt.datetime = _instant(index=True)
    answer: Json = _json(default=None, nullable=True)


class KeptEvent(SQLModel, table=True):
    """An event of Slack's that was kept before it was acknowledged; `body` goes when it has been handled.

    `lease_until`: so long it is left to the process that took it.
    """

    __tablename__ = "kept_event"
    key: str = Field(primary_key=True, max_length=200)
    body: Json = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    at: dt.datetime = _instant(index=True)
    lease_until: dt.datetime = _instant()
    attempts: int = 1
    handled: bool = Field(default=False, index=True)


class OutboxEntry(SQLModel, table=True):
    """Something the bot has decided to say. Written with the decision, sent by the delivery worker.

    `state` is waiting, claimed, sent, failed or superseded. `reply_to` and `edits` name the key of another row
    whose message is the thread or is changed in place; `thread_ts` is the thread of a message that is not the bot's.
    `picture` is what has to be drawn under it, `file_id` the
    picture once Slack has it.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "state", "priority", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=200)
    channel: str = Field(max_length=32)
    reply_to: str | None = Field(default=None, max_length=200)
    edits: str | None = Field(default=None, index=True, max_length=200)
    thread_ts: str | None = Field(default=None, max_length=32)
    text: str = _long()
    blocks: Json = _json(default_factory=list)
    picture: Json = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    file_id: str | None = Field(default=None, max_length=32)
    priority: int = 5
    state: str = Field(default="waiting", max_length=12)
    attempts: int = 0
    not_before: dt.datetime = _instant()
    claimed_by: str | None = Field(default=None, max_length=60)
    lease_until: dt.datetime | None = _instant(default=None, nullable=True)
    doubtful: bool = False
    ts: str | None = Field(default=None, max_length=32)
    posted_in: str | None = Field(default=None, max_length=32)
    problem: str | None = Field(default=None, max_length=300)
    created_at: dt.datetime = _instant()
    sent_at: dt.datetime | None = _instant(default=None, nullable=True)


class Lead(SQLModel, table=True):
    """Which replica asks what is due, and until when it may."""

    __tablename__ = "lead"
    name: str = Field(primary_key=True, max_length=40)
    holder: str = Field(max_length=60)
    until: dt.datetime = _instant()


class WorkspaceInstallation(SQLModel, table=True):
    """A workspace besides the centre's own that has installed the bot.

    `token` is encrypted with a key of the settings, and goes when the bot is removed; the row stays, so that what still
    comes from there is known for what it is.
    """

    __tablename__ = "workspace_installation"
    team_id: str = Field(primary_key=True, max_length=16)
    team_name: str = Field(max_length=200)
    bot_user: str = Field(max_length=32)
    bot_id: str | None = Field(default=None, max_length=32)
    scopes: str = _long()
    token: str | None = _long(default=None, nullable=True)
    installed_at: dt.datetime = _instant()
    removed_at: dt.datetime | None = _instant(default=None, nullable=True)


class InstallationState(SQLModel, table=True):
    """An installation that somebody has begun, by the SHA-256 of the word that Slack sends back with them."""

    __tablename__ = "installation_state"
    digest: str = Field(primary_key=True, max_length=64)
    until: dt.datetime = _instant()


# --- the medicine catalogue ---


class CatalogueEntry(SQLModel, table=True):
    """A preparation from an import or added by the centre; the shipped list is the base that these change.

    `added_by`: the person of the centre who added it; nobody for an import. A retired one is found no more.
    From FEST's own file: `kind` (Preparattype), `prescription_group`, `ingredients`, `exchange_group`, and `digest`, by
    which the next file is compared. `expired_at`: since when the register no longer has it.
    """

    __tablename__ = "catalogue_entry"
    id: str = Field(primary_key=True, max_length=60)
    brand: str = Field(max_length=300)
    name: str = Field(max_length=400)
    atc: str | None = Field(default=None, max_length=7)
    substance: str = _long()
    supplier: str = Field(default="", max_length=200)
    scope: str = Field(max_length=12)
    authorised: str = Field(max_length=8)
    synonyms: Json = _json(default_factory=list)
    source: str = Field(max_length=200)
    added_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    added_at: dt.datetime | None = _instant(default=None, nullable=True)
    retired_at: dt.datetime | None = _instant(default=None, nullable=True)
    kind: str | None = Field(default=None, max_length=8)
    prescription_group: str | None = Field(default=None, max_length=8)
    ingredients: Json = _json(default=None, nullable=True)
    exchange_group: str | None = Field(default=None, max_length=20)
    digest: str | None = Field(default=None, max_length=32)
    expired_at: dt.datetime | None = _instant(default=None, nullable=True)


class CataloguePackage(SQLModel, table=True):
    """A package from FEST's file; see `bot.registers.fest.Package` for the columns.

    An expired one still finds its preparation: it stands on shelves for years.
    """

    __tablename__ = "catalogue_package"
    id: str = Field(primary_key=True, max_length=60)
    article: str | None = Field(default=None, index=True, max_length=20)
    ean: str | None = Field(default=None, index=True, max_length=20)
    name: str = Field(max_length=400)
    preparation_id: str | None = Field(default=None, index=True, max_length=60)
    size: str | None = Field(default=None, max_length=60)
    unit: str | None = Field(default=None, max_length=20)
    ddd: float | None = None
    ddd_unit: str | None = Field(default=None, max_length=20)
    exchange_group: str | None = Field(default=None, max_length=20)
    marketed_on: dt.date | None = None
    paused_on: dt.date | None = None
    left_on: dt.date | None = None
    digest: str = Field(max_length=32)
    expired_at: dt.datetime | None = _instant(default=None, nullable=True)


class Synonym(SQLModel, table=True):
    """What the centre decided about a short name: `state` is accepted, rejected or removed.

    `means`: a brand or substance as the catalogue writes it. `reports` and `people`: how much it had been used when
    it was proposed; none where the centre added it unasked.
    """

    __tablename__ = "synonym"
    id: int | None = Field(default=None, primary_key=True)
    words: str = Field(unique=True, max_length=120)
    means: str = Field(max_length=400)
    state: str = Field(max_length=12)
    reports: int | None = None
    people: int | None = None
    decided_at: dt.datetime = _instant()
    decided_by: str = Field(foreign_key="person.id", max_length=36)


class CatalogueImport(SQLModel, table=True):
    """A change of the catalogue: an import, or something the centre added or took away.

    Replicas rebuild their index when the newest id is not theirs. Of a FEST file: `register_on` is the date that it
    gives itself, and `whole` tells the register from an extract that only adds to the list.
    """

    __tablename__ = "catalogue_import"
    id: int | None = Field(default=None, primary_key=True)
    at: dt.datetime = _instant()
    source: str = Field(max_length=300)
    read: int
    changed: int
    register_on: dt.date | None = None
    whole: bool | None = None


class FestFile(SQLModel, table=True):
    """A FEST file that was fetched, until somebody has said whether it is to hold. `content` is packed; empty after.

    `facts`: how many preparations and packages are new, changed and gone, with some names.
    """

    __tablename__ = "fest_file"
    id: int | None = Field(default=None, primary_key=True)
    filename: str = Field(max_length=300)
    sha256: str = Field(unique=True, max_length=64)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    state: str = Field(max_length=12)
    register_on: dt.date | None = None
    facts: Json = _json(default_factory=dict)
    fetched_at: dt.datetime = _instant()
    decided_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    decided_at: dt.datetime | None = _instant(default=None, nullable=True)
    problem: str | None = _long(default=None, nullable=True)


# --- cases ---


class CaseNumber(SQLModel, table=True):
    """The last case number given out in a year."""

    __tablename__ = "case_number"
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    last: int


class ShortageCase(SQLModel, table=True):
    """One preparation short in one period.

    `import_id`: the import of another register that it came with. Such a case's `noticed_on` is the day of the notice
    as that register has it, which may be unknown; for the others that is the day they were opened.
    `merged_into`, `split_from` and `continues` are other cases' numbers: the one that survives, the one its reports
    came from, the one of an earlier period. `not_relevant`: why it was none for hospitals, as a code. `stand_in` and
    `next_step_for` are persons. `affected` is the group or specialty in words, beside the codes in `groups`.
    """

    __tablename__ = "shortage_case"
    __table_args__ = (
        Index("ix_shortage_case_counted", "status", "visibility", "atc", "opened_at"),
        Index("ix_shortage_case_ended", "status", "closed_at"),
        Index("ix_shortage_case_listed", "status", "opened_at"),
        Index("ix_shortage_case_of_preparation", "preparation_key", "status"),
    )
    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True, max_length=40)
    preparation_key: str = Field(max_length=400)
    name: str = Field(max_length=400)
    substance: str = Field(index=True, max_length=400)
    atc: str | None = Field(default=None, index=True, max_length=7)
    scope: str = Field(max_length=12)
    authorised: str = Field(max_length=8)
    status: str = Field(index=True, max_length=16)
    outcome: str | None = Field(default=None, max_length=24)
    visibility: str = Field(max_length=12)
    source: str | None = Field(default=None, max_length=24)
    cause: str | None = Field(default=None, max_length=32)
    start: dt.date | None = None
    expected_end: dt.date | None = None
    restart_to_ward_days: int | None = None
    substitute: str | None = _long(default=None, nullable=True)
    substitute_ready: bool | None = None
    affected: str | None = _long(default=None, nullable=True)
    sector: str | None = Field(default=None, max_length=12)
    criticality: str | None = Field(default=None, max_length=12)
    groups: Json = _json(default_factory=list)
    regions: Json = _json(default_factory=list)
    system_factors: Json = _json(default_factory=list)
    patient_consequences: str | None = _long(default=None, nullable=True)
    cost_consequences: str | None = _long(default=None, nullable=True)
    extra_cost_nok: int | None = None
    advice: str | None = _long(default=None, nullable=True)
    advice_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    advice_nn: str | None = _long(default=None, nullable=True)
    advice_en: str | None = _long(default=None, nullable=True)
    decision_question: str | None = _long(default=None, nullable=True)
    owner: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    stand_in: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    next_step: str | None = _long(default=None, nullable=True)
    next_step_on: dt.date | None = None
    next_step_for: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    complex: str | None = Field(default=None, index=True, max_length=40)
    domino_of: str | None = Field(default=None, max_length=40)
    merged_into: str | None = Field(default=None, index=True, max_length=40)
    split_from: str | None = Field(default=None, max_length=40)
    continues: str | None = Field(default=None, max_length=40)
    made_up: bool = False
    import_id: int | None = Field(default=None, index=True)
    noticed_on: dt.date | None = None
    opened_at: dt.datetime = _instant(index=True)
    opened_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    changed_at: dt.datetime = _instant(index=True)
    closed_at: dt.datetime | None = _instant(default=None, nullable=True)
    close_reason: str | None = _long(default=None, nullable=True)
    not_relevant: str | None = Field(default=None, max_length=24)
    version: int = 1


class DeskReading(SQLModel, table=True):
    """How far a person of the centre has read what others did to the cases."""

    __tablename__ = "desk_reading"
    person: str = Field(primary_key=True, foreign_key="person.id", max_length=36)
    until: dt.datetime = _instant()


class CaseBatch(SQLModel, table=True):
    """What one person did to one or many cases in one go: `kind` is closed, given or end.

    `given_to` and `note` are a handover's. `changes`: for each case what it was before and its version after, by which
    it is taken back.
    """

    __tablename__ = "case_batch"
    id: int | None = Field(default=None, primary_key=True)
    at: dt.datetime = _instant(index=True)
    by: str = Field(foreign_key="person.id", max_length=36)
    kind: str = Field(max_length=12)
    given_to: str | None = Field(default=None, foreign_key="person.id", index=True, max_length=36)
    note: str | None = _long(default=None, nullable=True)
    changes: Json = _json(default_factory=list)
    undone_at: dt.datetime | None = _instant(default=None, nullable=True)


class CasePreparation(SQLModel, table=True):
    """A medicine from the catalogue that a case concerns; the name stays when the catalogue changes."""

    __tablename__ = "case_preparation"
    case_id: int = Field(foreign_key="shortage_case.id", primary_key=True)
    preparation_id: str = Field(primary_key=True, max_length=60)
    name: str = Field(max_length=400)


class CasePackage(SQLModel, table=True):
    """A package that a case concerns, by its article number; no name where the catalogue has no such package."""

    __tablename__ = "case_package"
    case_id: int = Field(foreign_key="shortage_case.id", primary_key=True)
    article: str = Field(primary_key=True, max_length=20)
    name: str | None = Field(default=None, max_length=400)


class CaseDocument(SQLModel, table=True):
    """A document of a case, kept elsewhere: its address and what people call it. `removed_at`: no longer shown."""

    __tablename__ = "case_document"
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="shortage_case.id", index=True)
    address: str = _long()
    title: str = Field(max_length=200)
    added_at: dt.datetime = _instant()
    added_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    removed_at: dt.datetime | None = _instant(default=None, nullable=True)


class PublicText(SQLModel, table=True):
    """A case's public text as somebody has drafted it, and what became of it; `state` is draft, approved or over.

    `places`: where else an approved text was taken (home page, Felleskatalogen, letter), each with its instant.
    """

    __tablename__ = "public_text"
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="shortage_case.id", index=True)
    state: str = Field(max_length=12)
    nb: str | None = _long(default=None, nullable=True)
    nn: str | None = _long(default=None, nullable=True)
    en: str | None = _long(default=None, nullable=True)
    drafted_by: str = Field(foreign_key="person.id", max_length=36)
    drafted_at: dt.datetime = _instant()
    approved_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    approved_at: dt.datetime | None = _instant(default=None, nullable=True)
    places: Json = _json(default_factory=dict)


class CaseSolution(SQLModel, table=True):
    """What was done about a case's shortage, and whether it worked (NULL: nobody said)."""

    __tablename__ = "case_solution"
    case_id: int = Field(foreign_key="shortage_case.id", primary_key=True)
    solution: str = Field(primary_key=True, max_length=32)
    worked: bool | None = None


class CaseImport(SQLModel, table=True):
    """Cases taken in from another register. `state` is stored or undone; `replaced`: what it wrote over, by number."""

    __tablename__ = "case_import"
    id: int | None = Field(default=None, primary_key=True)
    at: dt.datetime = _instant()
    filename: str = Field(max_length=300)
    sha256: str = Field(index=True, max_length=64)
    state: str = Field(max_length=12)
    added: int
    changed: int
    replaced: Json = _json(default_factory=dict)


class ColumnMapping(SQLModel, table=True):
    """Which of our columns a sender's headings mean, once somebody has said so; for exactly that set of headings."""

    __tablename__ = "column_mapping"
    kind: str = Field(primary_key=True, max_length=16)
    headings: str = Field(primary_key=True, max_length=64)
    columns: Json = _json(default_factory=dict)
    at: dt.datetime = _instant()


class EndDate(SQLModel, table=True):
    """An announced end of a shortage; every one is kept. No date: the end became unknown."""

    __tablename__ = "end_date"
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="shortage_case.id", index=True)
    end: dt.date | None = None
    said_at: dt.datetime = _instant()
    by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    source: str | None = Field(default=None, max_length=200)


class ShortageReport(SQLModel, table=True):
    """What one person told us, as they told it.

    Where the centre wrote it down for somebody, `registered_by` is who did and `came_by` how it came; `told_by` says
    who gave it where they are not in Slack, and `reporter` is then whoever wrote it down.
    """

    __tablename__ = "shortage_report"
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="shortage_case.id", index=True)
    reporter: str = Field(foreign_key="person.id", index=True, max_length=36)
    registered_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    came_by: str | None = Field(default=None, max_length=12)
    told_by: str | None = Field(default=None, max_length=200)
    typed: str = Field(default="", max_length=300)
    preparation_id: str | None = Field(default=None, max_length=60)
    name: str = Field(max_length=400)
    missing: str = Field(max_length=12)
    place: str = Field(max_length=200)
    runs_out: str = Field(max_length=12)
    pharmacy_contacted: bool | None = None
    children: bool | None = None
    note: str | None = _long(default=None, nullable=True)
    reported_at: dt.datetime = _instant(index=True)
    changed_at: dt.datetime | None = _instant(default=None, nullable=True)
    withdrawn_at: dt.datetime | None = _instant(default=None, nullable=True)


class CandidateLink(SQLModel, table=True):
    """A preparation that the centre has named as a candidate for another, and what a person has set of it.

    `share` (0-1) of the short one's use is supposed to come to the candidate, at `ratio` of its units for one of
    the short one's. It is no substitute before an assessment of it is signed (`SubstituteAssessment`).
    """

    __tablename__ = "candidate_link"
    __table_args__ = (UniqueConstraint("short_key", "candidate_key"),)
    id: int | None = Field(default=None, primary_key=True)
    short_key: str = Field(max_length=400)
    candidate_key: str = Field(max_length=400)
    name: str = Field(max_length=400)
    atc: str | None = Field(default=None, max_length=7)
    rung: str = Field(max_length=24)
    use: str | None = Field(default=None, max_length=200)
    share: float | None = None
    ratio: float | None = None
    set_by: str = Field(foreign_key="person.id", max_length=36)
    set_at: dt.datetime = _instant()
    signed_by: str | None = Field(default=None, max_length=200)
    signed_on: dt.date | None = None
    """A signature from before there were assessments. Only the version before reads these two."""


class SubstituteAssessment(SQLModel, table=True):
    """One version of the comparison of a candidate with a short preparation; `content` is the form as it stands.

    `case_id` is where it was drafted; it holds for the preparation, so that the next shortage finds it. `writers` are
    the keys of all who have written in it: none of them signs it. `signed_as` is the name that stands on the letter.
    """

    __tablename__ = "substitute_assessment"
    __table_args__ = (UniqueConstraint("short_key", "candidate_key", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="shortage_case.id", index=True)
    short_key: str = Field(max_length=400, index=True)
    short_name: str = Field(max_length=400)
    candidate_key: str = Field(max_length=400)
    name: str = Field(max_length=400)
    atc: str | None = Field(default=None, max_length=7)
    number: int
    state: str = Field(max_length=12, index=True)
    content: Json = _json()
    valid_until: dt.date | None = None
    drafted_by: str = Field(foreign_key="person.id", max_length=36)
    drafted_at: dt.datetime = _instant()
    writers: Json = _json()
    signed_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    signed_as: str | None = Field(default=None, max_length=200)
    profession: str | None = Field(default=None, max_length=12)
    signed_at: dt.datetime | None = _instant(default=None, nullable=True)
    ended_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    ended_at: dt.datetime | None = _instant(default=None, nullable=True)
    why_ended: str | None = Field(default=None, max_length=200)
    kept: Json = _json(default_factory=dict)
    version: int = 0


class WrongMatch(SQLModel, table=True):
    """A report filed under the wrong medicine and put right: food for the matcher's tests."""

    __tablename__ = "wrong_match"
    id: int | None = Field(default=None, primary_key=True)
    typed: str = Field(max_length=300)
    wrong_id: str | None = Field(default=None, max_length=60)
    wrong_name: str = Field(max_length=400)
    right_id: str | None = Field(default=None, max_length=60)
    right_name: str = Field(max_length=400)
    at: dt.datetime = _instant()
    by: str = Field(foreign_key="person.id", max_length=36)


class Restriction(SQLModel, table=True):
    """Rationing, or another restriction, of a short medicine. `regions` empty: the whole country."""

    __tablename__ = "restriction"
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="shortage_case.id", index=True)
    state: str = Field(max_length=16, index=True)
    issuer: str = Field(max_length=16)
    ground: str = Field(max_length=16)
    ground_words: str | None = _long(default=None)
    sector: str = Field(max_length=16)
    regions: Json = _json()
    review_on: dt.date | None = None
    experts: str | None = _long(default=None)
    drafted_by: str = Field(foreign_key="person.id", max_length=36)
    drafted_at: dt.datetime = _instant()
    decided_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    decided_at: dt.datetime | None = _instant(default=None)
    published: bool = False
    version: int = 0


class RestrictionPart(SQLModel, table=True):
    """A part of a restriction, which starts and ends by itself. From `lifted_on` on it restricts nothing."""

    __tablename__ = "restriction_part"
    id: int | None = Field(default=None, primary_key=True)
    restriction_id: int = Field(foreign_key="restriction.id", index=True)
    kind: str = Field(max_length=16)
    words: str = _long()
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    lifted_on: dt.date | None = None
    lifted_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    why_lifted: str | None = _long(default=None)


class Allocation(SQLModel, table=True):
    """One delivery of a short medicine shared out among receivers: the rule, and how far it has come.

    `rule` is the form as it was filled in (`bot.stock.allocation_form`), so that the next delivery begins with it. Of
    `quantity` packages `reserve` are held back, and `left` went to nobody: less than a lot, or over every cap.
    """

    __tablename__ = "allocation"
    __table_args__ = (UniqueConstraint("case_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="shortage_case.id", index=True)
    number: int
    state: str = Field(max_length=12)
    quantity: int
    reserve: int
    left: int
    rule: Json = _json()
    made_by: str = Field(foreign_key="person.id", max_length=36)
    made_at: dt.datetime = _instant()
    decided_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    decided_at: dt.datetime | None = _instant(default=None)
    published_at: dt.datetime | None = _instant(default=None)
    version: int = 0


class AllocationShare(SQLModel, table=True):
    """What one receiver gets of a delivery, in packages.

    `computed` by the rule, from the `exact` share; `packages` is what was decided, with the reason where a person
    decided otherwise; `sent` is what was really sent, None until somebody has said. `stock` (packages) and `daily_use`
    (packages a day) are what was known of the receiver, None where nothing was.
    """

    __tablename__ = "allocation_share"
    __table_args__ = (UniqueConstraint("allocation_id", "receiver"),)
    id: int | None = Field(default=None, primary_key=True)
    allocation_id: int = Field(foreign_key="allocation.id", index=True)
    receiver: str = Field(max_length=60)
    exact: float
    computed: int
    packages: int
    reason: str | None = Field(default=None, max_length=200)
    sent: int | None = None
    stock: float | None = None
    daily_use: float | None = None


# --- what the centre asks ---


class ExpertPanel(SQLModel, table=True):
    """Experts of one field who are asked together."""

    __tablename__ = "expert_panel"
    id: int | None = Field(default=None, primary_key=True)
    field: str = Field(unique=True, max_length=60)
    made_by: str = Field(foreign_key="person.id", max_length=36)
    made_at: dt.datetime = _instant()


class PanelMember(SQLModel, table=True):
    """An expert in a panel, in Slack or by name. `left_at`: when they were seen to have left Slack."""

    __tablename__ = "panel_member"
    id: int | None = Field(default=None, primary_key=True)
    panel_id: int = Field(foreign_key="expert_panel.id", index=True)
    person: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    name: str | None = Field(default=None, max_length=200)
    role: str = Field(max_length=200)
    appointed_by: str = Field(max_length=200)
    appointed_on: dt.date
    added_by: str = Field(foreign_key="person.id", max_length=36)
    added_at: dt.datetime = _instant()
    left_at: dt.datetime | None = _instant(default=None, nullable=True)
    removed_at: dt.datetime | None = _instant(default=None, nullable=True)


class Inquiry(SQLModel, table=True):
    """A question about a short medicine, with a deadline. `unit` of a number, `pack` the units in a pack.

    `state` is open, closed or withdrawn. `first` and `last`: the period of an estimate. `reply_by`: when the centre
    has to reply to DMP.
    """

    __tablename__ = "inquiry"
    __table_args__ = (Index("ix_inquiry_due", "state", "deadline"),)
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="shortage_case.id", index=True)
    kind: str = Field(max_length=12)
    words: str = _long()
    answer: str = Field(max_length=12)
    unit: str = Field(max_length=40)
    pack: float | None = None
    choices: Json = _json(default_factory=list)
    first: dt.date | None = None
    last: dt.date | None = None
    deadline: dt.datetime = _instant()
    reply_by: dt.date | None = None
    state: str = Field(max_length=12)
    asked_by: str = Field(foreign_key="person.id", max_length=36)
    asked_at: dt.datetime = _instant()
    closed_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    closed_at: dt.datetime | None = _instant(default=None, nullable=True)
    panel_id: int | None = Field(default=None, foreign_key="expert_panel.id")
    version: int = 1


class InquiryStep(SQLModel, table=True):
    """A step on the way to DMP's reply: on which day it was taken, written down by whom, and what was said."""

    __tablename__ = "inquiry_step"
    inquiry_id: int = Field(foreign_key="inquiry.id", primary_key=True)
    step: str = Field(primary_key=True, max_length=16)
    on: dt.date
    by: str = Field(foreign_key="person.id", max_length=36)
    at: dt.datetime = _instant()
    words: str | None = _long(default=None, nullable=True)


class InquiryAsked(SQLModel, table=True):
    """One who is to answer: a health trust by its name, or a person."""

    __tablename__ = "inquiry_asked"
    id: int | None = Field(default=None, primary_key=True)
    inquiry_id: int = Field(foreign_key="inquiry.id", index=True)
    name: str | None = Field(default=None, max_length=200)
    region: str | None = Field(default=None, max_length=60)
    person: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    trust: str | None = Field(default=None, max_length=60)


class InquiryTarget(SQLModel, table=True):
    """Where a question goes: a person or a channel. Whoever it went to may answer."""

    __tablename__ = "inquiry_target"
    id: int | None = Field(default=None, primary_key=True)
    asked_id: int = Field(foreign_key="inquiry_asked.id", index=True)
    person: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    channel: str | None = Field(default=None, max_length=32)


class InquiryAnswer(SQLModel, table=True):
    """What was answered; the newest counts, the others stay. Rows are added, never changed.

    `quantity` in the question's unit, `packs` where packs were written. Where the centre wrote it down for somebody:
    `came_by` is how it came, `told_by` who gave it, and `late` that the deadline had passed.
    """

    __tablename__ = "inquiry_answer"
    id: int | None = Field(default=None, primary_key=True)
    asked_id: int = Field(foreign_key="inquiry_asked.id", index=True)
    quantity: float | None = None
    packs: float | None = None
    choice: str | None = Field(default=None, max_length=75)
    words: str | None = _long(default=None, nullable=True)
    by: str = Field(foreign_key="person.id", max_length=36)
    at: dt.datetime = _instant()
    came_by: str | None = Field(default=None, max_length=12)
    told_by: str | None = Field(default=None, max_length=200)
    late: bool = False


# --- stock ---


class StockPool(SQLModel, table=True):
    """A stock that somebody holds, with the properties that decide what its number means.

    `changed_at` is set once somebody has changed it in chat; `former_names` are names that sheets may still use.
    `report_every_days`: how many days may pass between two counts, where somebody has said it in chat.
    """

    __tablename__ = "stock_pool"
    id: str = Field(primary_key=True, max_length=60)
    name: str = Field(max_length=120)
    kind: str = Field(max_length=16)
    owner: str | None = Field(default=None, max_length=120)
    holdable: str = Field(max_length=8)
    sized_on: str = Field(max_length=12)
    drawn_by: str = Field(max_length=12)
    alert_limit_days: float | None = None
    alert_limit_share: float | None = None
    target_days: float | None = None
    shelf: str | None = Field(default=None, max_length=60)
    former_names: Json = _json(default_factory=list)
    report_every_days: int | None = None
    version: int = 1
    changed_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    changed_at: dt.datetime | None = _instant(default=None, nullable=True)


class PoolReporter(SQLModel, table=True):
    """Who is reminded when a pool's figures are due, where somebody has said it in chat."""

    __tablename__ = "pool_reporter"
    pool_id: str = Field(primary_key=True, foreign_key="stock_pool.id", max_length=60)
    person_id: str = Field(primary_key=True, foreign_key="person.id", max_length=36)


class StockItem(SQLModel, table=True):
    """One medicine in one pool. `holdable` to `target_days` go before the pool's own where they are set."""

    __tablename__ = "stock_item"
    __table_args__ = (UniqueConstraint("pool_id", "key"),)
    id: int | None = Field(default=None, primary_key=True)
    pool_id: str = Field(foreign_key="stock_pool.id", max_length=60)
    key: str = Field(max_length=400)
    name: str = Field(max_length=400)
    substance: str | None = Field(default=None, max_length=400)
    atc: str | None = Field(default=None, max_length=7)
    preparation_key: str | None = Field(default=None, index=True, max_length=400)
    unit: str = Field(max_length=40)
    stated_daily_demand: float | None = None
    stated_by: str | None = Field(default=None, max_length=200)
    stated_from: dt.date | None = None
    stated_first: bool = False
    ordered_when_short: bool = False
    pack_size: float | None = None
    holdable: str | None = Field(default=None, max_length=8)
    sized_on: str | None = Field(default=None, max_length=12)
    drawn_by: str | None = Field(default=None, max_length=12)
    alert_limit_days: float | None = None
    alert_limit_share: float | None = None
    target_days: float | None = None
    note: str | None = _long(default=None, nullable=True)
    made_up: bool = False
    version: int = 1
    changed_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    changed_at: dt.datetime | None = _instant(default=None, nullable=True)


class StockMove(SQLModel, table=True):
    """An item that went from one pool to another, with its figures. Rows are added, never changed."""

    __tablename__ = "stock_move"
    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="stock_item.id", index=True)
    from_pool: str = Field(foreign_key="stock_pool.id", max_length=60)
    to_pool: str = Field(foreign_key="stock_pool.id", max_length=60)
    moved_on: dt.date
    by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    note: str | None = _long(default=None, nullable=True)
    recorded_at: dt.datetime = _instant()


class StockSheet(SQLModel, table=True):
    """A sheet as it came: kept with its hash. `state` is preview, stored, partly_stored, undone or dropped.

    `meaning`: what somebody said of its headings. `replaced`: what it wrote, and what stood there before, so that it
    can be taken back.
    """

    __tablename__ = "stock_sheet"
    id: str = Field(primary_key=True, max_length=36)
    filename: str = Field(max_length=300)
    sha256: str = Field(index=True, max_length=64)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sent_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    received_at: dt.datetime = _instant()
    state: str = Field(max_length=16)
    rows: int = 0
    meaning: Json = _json(default_factory=dict)
    replaced: Json = _json(default_factory=dict)
    stored_at: dt.datetime | None = _instant(default=None, nullable=True)


class StockCount(SQLModel, table=True):
    """A counted quantity, one row a lot, in the item's unit; older counts stay as history.

    `inquiry_id` and `counted_by`: a hospital's answer to the centre's question, and who gave it.
    """

    __tablename__ = "stock_count"
    __table_args__ = (Index("ix_stock_count_item", "item_id", "counted_on"),)
    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="stock_item.id")
    counted_on: dt.date
    quantity: float
    lot: str | None = Field(default=None, max_length=60)
    expiry: dt.date | None = None
    sheet_id: str | None = Field(default=None, foreign_key="stock_sheet.id", max_length=36)
    recorded_at: dt.datetime = _instant()
    inquiry_id: int | None = Field(default=None, foreign_key="inquiry.id")
    counted_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)


class StockUse(SQLModel, table=True):
    """What was drawn from `first` to `last`, both included. `base`: whose use, "" for this pool's own draw."""

    __tablename__ = "stock_use"
    __table_args__ = (UniqueConstraint("item_id", "first", "last", "base"),)
    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="stock_item.id")
    first: dt.date
    last: dt.date
    base: str = Field(default="", max_length=12)
    quantity: float
    sheet_id: str | None = Field(default=None, foreign_key="stock_sheet.id", max_length=36)


class StockDelivery(SQLModel, table=True):
    """A delivery that somebody expects."""

    __tablename__ = "stock_delivery"
    __table_args__ = (UniqueConstraint("item_id", "eta"),)
    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="stock_item.id")
    eta: dt.date
    quantity: float
    expiry: dt.date | None = None
    sheet_id: str | None = Field(default=None, foreign_key="stock_sheet.id", max_length=36)


class StockAlert(SQLModel, table=True):
    """An alert on one item in one pool, from the day it was raised to the day it was closed.

    `waits_since` is when it began to wait for an answer (none: somebody has answered), `escalated` how many have
    been asked since: 1 the pool's managers, 2 the centre. `counted_on` is the count it was called false about.
    """

    __tablename__ = "stock_alert"
    __table_args__ = (Index("ix_stock_alert_open", "item_id", "closed_at"),)
    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="stock_item.id")
    level: str = Field(max_length=12)
    memory: Json = _json(default_factory=dict)
    raised_at: dt.datetime = _instant()
    told_at: dt.datetime = _instant()
    version: int = 1
    waits_since: dt.datetime | None = _instant(default=None, nullable=True)
    escalated: int = 0
    answered_at: dt.datetime | None = _instant(default=None, nullable=True)
    followed_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    assigned_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    note: str | None = _long(default=None, nullable=True)
    snoozed_until: dt.date | None = None
    snoozed_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    snooze_reason: str | None = _long(default=None, nullable=True)
    case_number: str | None = Field(default=None, max_length=40)
    ran_out_on: dt.date | None = None
    closed_at: dt.datetime | None = _instant(default=None, nullable=True)
    outcome: str | None = Field(default=None, max_length=12)
    closed_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    close_reason: str | None = _long(default=None, nullable=True)
    counted_on: dt.date | None = None


class HeldAlert(SQLModel, table=True):
    """An item of which something is to be said when the quiet hours are over, if it is still true then."""

    __tablename__ = "held_alert"
    item_id: int = Field(foreign_key="stock_item.id", primary_key=True, sa_column_kwargs={"autoincrement": False})
    since: dt.datetime = _instant()


class PoolSilence(SQLModel, table=True):
    """A pool whose figures are older than it reports; from the day its managers were asked to the day they came.

    `in_channel` is the key of the message in the stock channel, once it has been told there.
    """

    __tablename__ = "pool_silence"
    __table_args__ = (Index("ix_pool_silence_open", "pool_id", "closed_at"),)
    id: int | None = Field(default=None, primary_key=True)
    pool_id: str = Field(foreign_key="stock_pool.id", max_length=60)
    newest: dt.date
    asked_at: dt.datetime = _instant()
    in_channel: str | None = Field(default=None, max_length=200)
    closed_at: dt.datetime | None = _instant(default=None, nullable=True)


class DominoAlert(SQLModel, table=True):
    """A medicine that another one's shortage seems to pull down, from the day it was seen to the day it was over."""

    __tablename__ = "domino_alert"
    __table_args__ = (Index("ix_domino_alert_open", "case_id", "closed_at"),)
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="shortage_case.id")
    relative_key: str = Field(max_length=400)
    name: str = Field(max_length=400)
    substance: str | None = Field(default=None, max_length=400)
    atc: str | None = Field(default=None, max_length=7)
    effect: str = Field(max_length=16)
    figure: float
    share: float | None = None
    raised_at: dt.datetime = _instant()
    case_number: str | None = Field(default=None, max_length=40)
    closed_at: dt.datetime | None = _instant(default=None, nullable=True)


# --- reminders ---


class Reminder(SQLModel, table=True):
    """Something that was due, and what became of it; `key` is unique, so it comes once.

    `state` is waiting, told, snoozed, done or over. `person`: whom it is for, nobody where the `channel` is told.
    `said_key` is the outbox row in which it stands, `times` how often it was told, `until` the day it was put off to.
    """

    __tablename__ = "reminder"
    __table_args__ = (Index("ix_reminder_state", "state", "due_at"),)
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=200)
    kind: str = Field(max_length=24)
    about_kind: str = Field(max_length=24)
    about: str = Field(max_length=80)
    title: str = Field(max_length=400)
    text: str | None = _long(default=None, nullable=True)
    day: dt.date | None = None
    person: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    channel: str | None = Field(default=None, max_length=32)
    due_at: dt.datetime = _instant()
    state: str = Field(max_length=12)
    until: dt.date | None = None
    times: int = 0
    version: int = 1
    said_key: str | None = Field(default=None, index=True, max_length=200)
    told_at: dt.datetime | None = _instant(default=None, nullable=True)
    answered_at: dt.datetime | None = _instant(default=None, nullable=True)
    answered_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)


# --- the meeting ---


class MeetingPost(SQLModel, table=True):
    """A forum's digest, or its update on the morning, that has been composed and put in the outbox.

    `kept`: what has been done around it in the channel (pin, files), each with its outcome.
    """

    __tablename__ = "meeting_post"
    __table_args__ = (UniqueConstraint("forum", "week", "kind"),)
    id: int | None = Field(default=None, primary_key=True)
    forum: str = Field(default="mangelmote", max_length=40, sa_column_kwargs={"server_default": "mangelmote"})
    week: str = Field(max_length=8)
    kind: str = Field(max_length=12)
    due_at: dt.datetime = _instant()
    composed_at: dt.datetime = _instant()
    content: Json = _json(default_factory=dict)
    kept: Json = _json(default_factory=dict)


class Meeting(SQLModel, table=True):
    """A meeting that is being held, or has been.

    `agenda`: one list of case numbers for each thing to talk about, in order; `place`: which one is talked about now,
    from 1 (0: the meeting has just been opened); `discussed`: the numbers that have been. `guests`: who was there
    without being in Slack, as it shall stand in the minutes. `kept`: as with `MeetingPost`, of the minutes.
    """

    __tablename__ = "meeting"
    __table_args__ = (UniqueConstraint("forum", "week"),)
    id: int | None = Field(default=None, primary_key=True)
    forum: str = Field(max_length=40)
    week: str = Field(max_length=8)
    agenda: Json = _json(default_factory=list)
    discussed: Json = _json(default_factory=list)
    place: int = 0
    version: int = 1
    since: dt.datetime = _instant()
    guests: str | None = _long(default=None, nullable=True)
    opened_at: dt.datetime = _instant()
    opened_by: str = Field(foreign_key="person.id", max_length=36)
    closed_at: dt.datetime | None = _instant(default=None, nullable=True)
    closed_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    kept: Json = _json(default_factory=dict)


class RaisedCase(SQLModel, table=True):
    """A case that somebody has put on the list of another forum than Mangelmøtet, with the question to it."""

    __tablename__ = "raised_case"
    __table_args__ = (UniqueConstraint("case_id", "forum"),)
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="shortage_case.id")
    forum: str = Field(index=True, max_length=40)
    question: str | None = _long(default=None, nullable=True)
    by: str = Field(foreign_key="person.id", max_length=36)
    at: dt.datetime = _instant()


class MeetingAttendance(SQLModel, table=True):
    """Somebody was at a meeting."""

    __tablename__ = "meeting_attendance"
    meeting_id: int = Field(foreign_key="meeting.id", primary_key=True)
    person: str = Field(foreign_key="person.id", primary_key=True, max_length=36)


class MeetingDecision(SQLModel, table=True):
    """What a meeting decided about a case. `kind` is decision, or end: the expected end was changed."""

    __tablename__ = "meeting_decision"
    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    case_number: str = Field(index=True, max_length=40)
    kind: str = Field(max_length=12)
    text: str = _long()
    end: dt.date | None = None
    by: str = Field(foreign_key="person.id", max_length=36)
    at: dt.datetime = _instant()


class MeetingTask(SQLModel, table=True):
    """What somebody shall do after a meeting: `assignee` in Slack, or `name` for whoever is not there."""

    __tablename__ = "meeting_task"
    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    case_number: str | None = Field(default=None, max_length=40)
    text: str = _long()
    assignee: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    name: str | None = Field(default=None, max_length=200)
    due: dt.date | None = None
    by: str = Field(foreign_key="person.id", max_length=36)
    at: dt.datetime = _instant()
    done_at: dt.datetime | None = _instant(default=None, nullable=True, index=True)
    done_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)


# --- other people's registers ---


class RegisterList(SQLModel, table=True):
    """A register as it stood on a day: the file as it came, kept with its hash. `undone_at`: taken back.

    `state` is preview (shown to somebody, not read in), stored or dropped. `grades`: which medicine each row was found
    to mean when it was shown, so that whoever reads it in need not look again.
    """

    __tablename__ = "register_list"
    __table_args__ = (Index("ix_register_list_source", "source", "as_of"),)
    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=16)
    as_of: dt.date
    filename: str = Field(max_length=300)
    sha256: str = Field(max_length=64)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    state: str = Field(default="stored", max_length=8)
    rows: int
    refused: int = 0
    grades: Json = _json(default_factory=dict)
    received_at: dt.datetime = _instant()
    sent_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    undone_at: dt.datetime | None = _instant(default=None, nullable=True)


class RegisterNotice(SQLModel, table=True):
    """A register's notice of one shortage as it was last read, and what a person decided of it.

    `first_list` brought it, `changed_in` changed it last; `verdict` is case, follow or not_relevant.
    """

    __tablename__ = "register_notice"
    __table_args__ = (Index("ix_register_notice_source", "source", "gone"),)
    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=16)
    name: str = Field(max_length=400)
    substance: str = _long()
    start: dt.date | None = None
    end: dt.date | None = None
    status: str = Field(max_length=12)
    note: str = _long()
    address: str = _long()
    veterinary: bool = False
    grade: str = Field(max_length=8)
    medicine_key: str | None = Field(default=None, index=True, max_length=400)
    medicine_value: str | None = Field(default=None, max_length=400)
    atc: str | None = Field(default=None, max_length=7)
    slips: int = 0
    gone: bool = False
    first_list: int = Field(foreign_key="register_list.id")
    changed_in: int = Field(foreign_key="register_list.id")
    verdict: str | None = Field(default=None, max_length=12)
    reason: str | None = _long(default=None, nullable=True)
    verdict_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    verdict_at: dt.datetime | None = _instant(default=None, nullable=True)
    case_number: str | None = Field(default=None, max_length=40)


class NoticeChange(SQLModel, table=True):
    """A field of a notice as it was before a list changed it, so that each value knows its list and can go back."""

    __tablename__ = "notice_change"
    id: int | None = Field(default=None, primary_key=True)
    list_id: int = Field(foreign_key="register_list.id", index=True)
    notice_id: int = Field(foreign_key="register_notice.id", index=True)
    before: Json = _json(default_factory=dict)
    after: Json = _json(default_factory=dict)


class LongWork(SQLModel, table=True):
    """Work that takes so long that somebody is told of it, and may stop it; gone when it is over."""

    __tablename__ = "long_work"
    id: str = Field(primary_key=True, max_length=36)
    begun_at: dt.datetime = _instant()
    stopped_at: dt.datetime | None = _instant(default=None, nullable=True)


class DatesTaken(SQLModel, table=True):
    """The cases that were given a register's ends in one go, so that it can be taken back.

    `changes`: a case's number, its end before, its version after, and the id of the announced end.
    """

    __tablename__ = "dates_taken"
    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=16)
    taken_at: dt.datetime = _instant()
    taken_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    changes: Json = _json(default_factory=dict)
    undone_at: dt.datetime | None = _instant(default=None, nullable=True)


class EarlyWarning(SQLModel, table=True):
    """A substance of ours that is short in several neighbouring countries, from the list that showed it to its end.

    `key` is its ATC code and name; `countries` are the registers that had it when it was last told of. `verdict` is
    case, follow or not_relevant; by nobody where there was a case already.
    """

    __tablename__ = "early_warning"
    __table_args__ = (Index("ix_early_warning_open", "key", "ended_at"),)
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=400)
    substance: str = Field(max_length=400)
    atc: str | None = Field(default=None, max_length=7)
    countries: Json = _json(default_factory=list)
    list_id: int = Field(foreign_key="register_list.id", index=True)
    raised_at: dt.datetime = _instant()
    verdict: str | None = Field(default=None, max_length=12)
    reason: str | None = _long(default=None, nullable=True)
    verdict_by: str | None = Field(default=None, foreign_key="person.id", max_length=36)
    verdict_at: dt.datetime | None = _instant(default=None, nullable=True)
    case_number: str | None = Field(default=None, max_length=40)
    ended_at: dt.datetime | None = _instant(default=None, nullable=True)


class RegisterFetch(SQLModel, table=True):
    """How a register was last fetched: what its server said of the file, and what was wrong since when.

    `told`: the centre has been told of `problem`, and is not told again before it is another one.
    """

    __tablename__ = "register_fetch"
    source: str = Field(primary_key=True, max_length=16)
    etag: str | None = Field(default=None, max_length=300)
    last_modified: str | None = Field(default=None, max_length=100)
    asked_at: dt.datetime = _instant()
    fetched_at: dt.datetime | None = _instant(default=None, nullable=True)
    failed_since: dt.datetime | None = _instant(default=None, nullable=True)
    failures: int = 0
    problem: str | None = _long(default=None, nullable=True)
    told: bool = False
