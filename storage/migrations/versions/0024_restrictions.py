"""Restrictions of short medicines, and their parts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    instant = storage.types.UTCDateTime(timezone=True)
    op.create_table(
        "restriction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("issuer", sa.String(length=16), nullable=False),
        sa.Column("ground", sa.String(length=16), nullable=False),
        sa.Column("ground_words", sa.Text(), nullable=True),
        sa.Column("sector", sa.String(length=16), nullable=False),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("experts", sa.Text(), nullable=True),
        sa.Column("drafted_by", sa.String(length=36), nullable=False),
        sa.Column("drafted_at", instant, nullable=False),
        sa.Column("decided_by", sa.String(length=36), nullable=True),
        sa.Column("decided_at", instant, nullable=True),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["shortage_case.id"], name=op.f("fk_restriction_case_id_shortage_case")),
        sa.ForeignKeyConstraint(["drafted_by"], ["person.id"], name=op.f("fk_restriction_drafted_by_person")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_restriction_decided_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restriction")),
    )
    op.create_index(op.f("ix_restriction_case_id"), "restriction", ["case_id"])
    op.create_index(op.f("ix_restriction_state"), "restriction", ["state"])
    op.create_table(
        "restriction_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("restriction_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        sa.Column("lifted_by", sa.String(length=36), nullable=True),
        sa.Column("why_lifted", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["restriction_id"], ["restriction.id"], name=op.f("fk_restriction_part_restriction_id_restriction")
        ),
        sa.ForeignKeyConstraint(["lifted_by"], ["person.id"], name=op.f("fk_restriction_part_lifted_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restriction_part")),
    )
    op.create_index(op.f("ix_restriction_part_restriction_id"), "restriction_part", ["restriction_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_restriction_part_restriction_id"), "restriction_part")
    op.drop_table("restriction_part")
    op.drop_index(op.f("ix_restriction_state"), "restriction")
    op.drop_index(op.f("ix_restriction_case_id"), "restriction")
    op.drop_table("restriction")
