"""Assessments of substitutes, each version with its signature; what was signed on the links is copied there.

The links keep their own two columns, which the version before reads.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

INSTANT = storage.types.UTCDateTime(timezone=True)
NOON = dt.time(12, tzinfo=dt.UTC)


def upgrade() -> None:
    """Make the table, and copy the signatures into it."""
    table = op.create_table(
        "substitute_assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("short_key", sa.String(length=400), nullable=False),
        sa.Column("short_name", sa.String(length=400), nullable=False),
        sa.Column("candidate_key", sa.String(length=400), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("atc", sa.String(length=7), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("drafted_by", sa.String(length=36), nullable=False),
        sa.Column("drafted_at", INSTANT, nullable=False),
        sa.Column("writers", sa.JSON(), nullable=False),
        sa.Column("signed_by", sa.String(length=36), nullable=True),
        sa.Column("signed_as", sa.String(length=200), nullable=True),
        sa.Column("profession", sa.String(length=12), nullable=True),
        sa.Column("signed_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.String(length=36), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("why_ended", sa.String(length=200), nullable=True),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["shortage_case.id"], name=op.f("fk_substitute_assessment_case_id_shortage_case")
        ),
        *(
            sa.ForeignKeyConstraint([name], ["person.id"], name=op.f(f"fk_substitute_assessment_{name}_person"))
            for name in ("drafted_by", "signed_by", "ended_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitute_assessment")),
        sa.UniqueConstraint("short_key", "candidate_key", "number", name=op.f("uq_substitute_assessment_short_key")),
    )
    for name in ("case_id", "short_key", "state"):
        op.create_index(op.f(f"ix_substitute_assessment_{name}"), "substitute_assessment", [name])
    _copy(table)


def _copy(table: sa.Table) -> None:
    """What was signed before stands as signed, without an end, in the newest case of its preparation."""
    link = sa.table("candidate_link")
    case = sa.table("shortage_case", *(sa.column(name) for name in ("id", "preparation_key", "name")))
    names = ("short_key", "candidate_key", "name", "atc", "rung", "use", "ratio", "set_by", "signed_by")
    columns: list[sa.ColumnElement[Any]] = [sa.column(name) for name in names]
    columns += [sa.column("set_at", INSTANT), sa.column("signed_on", sa.Date())]
    bind = op.get_bind()
    rows = bind.execute(sa.select(*columns).select_from(link).where(sa.column("signed_by").is_not(None))).mappings()
    for row in rows.all():
        newest = sa.select(sa.func.max(case.c.id)).where(case.c.preparation_key == row["short_key"])
        case_id = bind.execute(newest).scalar_one_or_none()
        if case_id is None:
            continue  # no case has ever had it: there is nothing that it could be an assessment for
        day = row["signed_on"] or row["set_at"].date()
        name: sa.Select[Any] = (
            sa.select(sa.column("name")).select_from(sa.table("shortage_case")).where(sa.column("id") == case_id)
        )
        bind.execute(
            table.insert().values(
                case_id=case_id,
                short_key=row["short_key"],
                short_name=bind.execute(name).scalar_one(),
                candidate_key=row["candidate_key"],
                name=row["name"],
                atc=row["atc"],
                number=1,
                state="signed",
                content={"rung": row["rung"], "use": row["use"], "ratio": row["ratio"]},
                drafted_by=row["set_by"],
                drafted_at=row["set_at"],
                writers=[row["set_by"]],
                signed_as=row["signed_by"],
                signed_at=dt.datetime.combine(day, NOON),
                kept={"files": "signed before there were letters"},
                version=0,
            )
        )


def downgrade() -> None:
    """Put the signatures back on the links, and drop the table."""
    bind = op.get_bind()
    columns: list[sa.ColumnElement[Any]] = [
        sa.column(name) for name in ("short_key", "candidate_key", "signed_as", "state")
    ]
    columns.append(sa.column("signed_at", INSTANT))
    signed = sa.select(*columns).select_from(sa.table("substitute_assessment")).where(sa.column("state") == "signed")
    link = sa.table("candidate_link", *(sa.column(n) for n in ("short_key", "candidate_key", "signed_by", "signed_on")))
    for row in bind.execute(signed).mappings().all():
        bind.execute(
            sa.update(link)
            .where(link.c.short_key == row["short_key"], link.c.candidate_key == row["candidate_key"])
            .values(signed_by=row["signed_as"], signed_on=row["signed_at"].date())
        )
    for name in ("state", "short_key", "case_id"):
        op.drop_index(op.f(f"ix_substitute_assessment_{name}"), "substitute_assessment")
    op.drop_table("substitute_assessment")
