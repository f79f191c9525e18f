"""Candidates for short medicines that the centre has named."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "candidate_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("short_key", sa.String(length=400), nullable=False),
        sa.Column("candidate_key", sa.String(length=400), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("atc", sa.String(length=7), nullable=True),
        sa.Column("rung", sa.String(length=24), nullable=False),
        sa.Column("use", sa.String(length=200), nullable=True),
        sa.Column("share", sa.Float(), nullable=True),
        sa.Column("ratio", sa.Float(), nullable=True),
        sa.Column("set_by", sa.String(length=36), nullable=False),
        sa.Column("set_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.String(length=200), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["set_by"], ["person.id"], name=op.f("fk_candidate_link_set_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate_link")),
        sa.UniqueConstraint("short_key", "candidate_key", name=op.f("uq_candidate_link_short_key")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("candidate_link")
