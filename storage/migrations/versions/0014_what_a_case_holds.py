"""What else is known of a case: whom it hits, what follows, other cases, packages, documents; its lists are indexed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

PERSONS = ("stand_in", "next_step_for")
INDEXES = {
    "ix_shortage_case_ended": ["status", "closed_at"],
    "ix_shortage_case_listed": ["status", "opened_at"],
    "ix_shortage_case_changed_at": ["changed_at"],
    "ix_shortage_case_merged_into": ["merged_into"],
}


def columns() -> tuple[sa.Column[Any], ...]:
    """What a case's row has more of; columns are added and dropped one by one, never by a table made anew."""
    return (
        sa.Column("sector", sa.String(length=12), nullable=True),
        sa.Column("criticality", sa.String(length=12), nullable=True),
        sa.Column("groups", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("regions", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("system_factors", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("patient_consequences", sa.Text(), nullable=True),
        sa.Column("cost_consequences", sa.Text(), nullable=True),
        sa.Column("extra_cost_nok", sa.Integer(), nullable=True),
        sa.Column("merged_into", sa.String(length=40), nullable=True),
        sa.Column("split_from", sa.String(length=40), nullable=True),
        sa.Column("continues", sa.String(length=40), nullable=True),
        sa.Column("not_relevant", sa.String(length=24), nullable=True),
    )


def upgrade() -> None:
    """One version up."""
    for column in columns():
        op.add_column("shortage_case", column)
    for name in PERSONS:
        person = sa.Column(name, sa.String(length=36), sa.ForeignKey("person.id"), nullable=True)
        op.add_column("shortage_case", person, inline_references=True)
    for name, of in INDEXES.items():
        op.create_index(name, "shortage_case", of)
    op.create_table(
        "case_package",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("article", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["shortage_case.id"], name=op.f("fk_case_package_case_id_shortage_case")),
        sa.PrimaryKeyConstraint("case_id", "article", name=op.f("pk_case_package")),
    )
    op.create_table(
        "case_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("added_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=36), nullable=True),
        sa.Column("removed_at", storage.types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_case_document_added_by_person")),
        sa.ForeignKeyConstraint(["case_id"], ["shortage_case.id"], name=op.f("fk_case_document_case_id_shortage_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_document")),
    )
    op.create_index(op.f("ix_case_document_case_id"), "case_document", ["case_id"])


def downgrade() -> None:
    """One version down."""
    op.drop_table("case_document")
    op.drop_table("case_package")
    for name in INDEXES:
        op.drop_index(name, table_name="shortage_case")
    for name in PERSONS:
        op.drop_column("shortage_case", name)
    for column in columns():
        op.drop_column("shortage_case", column.name)
