"""Early warnings from other countries' registers, and how registers were last fetched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One version up."""
    op.create_table(
        "early_warning",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("substance", sa.String(400), nullable=False),
        sa.Column("atc", sa.String(7), nullable=True),
        sa.Column("countries", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("raised_at", UTCDateTime(), nullable=False),
        sa.Column("verdict", sa.String(12), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("verdict_by", sa.String(36), nullable=True),
        sa.Column("verdict_at", UTCDateTime(), nullable=True),
        sa.Column("case_number", sa.String(40), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["list_id"], ["register_list.id"], name=op.f("fk_early_warning_list_id_register_list")),
        sa.ForeignKeyConstraint(["verdict_by"], ["person.id"], name=op.f("fk_early_warning_verdict_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_early_warning")),
    )
    op.create_index("ix_early_warning_open", "early_warning", ["key", "ended_at"])
    op.create_index("ix_early_warning_list_id", "early_warning", ["list_id"])
    op.create_table(
        "register_fetch",
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("etag", sa.String(300), nullable=True),
        sa.Column("last_modified", sa.String(100), nullable=True),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("fetched_at", UTCDateTime(), nullable=True),
        sa.Column("failed_since", UTCDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_register_fetch")),
    )


def downgrade() -> None:
    """One version down."""
    op.drop_table("register_fetch")
    op.drop_table("early_warning")
