"""Medicines that another one's shortage seems to pull down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "domino_alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("relative_key", sa.String(length=400), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("substance", sa.String(length=400), nullable=True),
        sa.Column("atc", sa.String(length=7), nullable=True),
        sa.Column("effect", sa.String(length=16), nullable=False),
        sa.Column("figure", sa.Float(), nullable=False),
        sa.Column("share", sa.Float(), nullable=True),
        sa.Column("raised_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("case_number", sa.String(length=12), nullable=True),
        sa.Column("closed_at", storage.types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["shortage_case.id"], name=op.f("fk_domino_alert_case_id_shortage_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domino_alert")),
    )
    op.create_index("ix_domino_alert_open", "domino_alert", ["case_id", "closed_at"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_domino_alert_open", table_name="domino_alert")
    op.drop_table("domino_alert")
