"""Deliveries of a short medicine, shared out among receivers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    instant = storage.types.UTCDateTime(timezone=True)
    op.create_table(
        "allocation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reserve", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(length=36), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("decided_by", sa.String(length=36), nullable=True),
        sa.Column("decided_at", instant, nullable=True),
        sa.Column("published_at", instant, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["shortage_case.id"], name=op.f("fk_allocation_case_id_shortage_case")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_allocation_made_by_person")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_allocation_decided_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_allocation_case_id")),
    )
    op.create_index(op.f("ix_allocation_case_id"), "allocation", ["case_id"])
    op.create_table(
        "allocation_share",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("allocation_id", sa.Integer(), nullable=False),
        sa.Column("receiver", sa.String(length=60), nullable=False),
        sa.Column("exact", sa.Float(), nullable=False),
        sa.Column("computed", sa.Integer(), nullable=False),
        sa.Column("packages", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("sent", sa.Integer(), nullable=True),
        sa.Column("stock", sa.Float(), nullable=True),
        sa.Column("daily_use", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["allocation_id"], ["allocation.id"], name=op.f("fk_allocation_share_allocation_id_allocation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation_share")),
        sa.UniqueConstraint("allocation_id", "receiver", name=op.f("uq_allocation_share_allocation_id")),
    )
    op.create_index(op.f("ix_allocation_share_allocation_id"), "allocation_share", ["allocation_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_allocation_share_allocation_id"), "allocation_share")
    op.drop_table("allocation_share")
    op.drop_index(op.f("ix_allocation_case_id"), "allocation")
    op.drop_table("allocation")
