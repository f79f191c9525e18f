"""Public texts in three languages, drafted and approved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and two languages more of what is approved."""
    instant = storage.types.UTCDateTime(timezone=True)
    op.create_table(
        "public_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("nb", sa.Text(), nullable=True),
        sa.Column("nn", sa.Text(), nullable=True),
        sa.Column("en", sa.Text(), nullable=True),
        sa.Column("drafted_by", sa.String(length=36), nullable=False),
        sa.Column("drafted_at", instant, nullable=False),
        sa.Column("approved_by", sa.String(length=36), nullable=True),
        sa.Column("approved_at", instant, nullable=True),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["shortage_case.id"], name=op.f("fk_public_text_case_id_shortage_case")),
        sa.ForeignKeyConstraint(["drafted_by"], ["person.id"], name=op.f("fk_public_text_drafted_by_person")),
        sa.ForeignKeyConstraint(["approved_by"], ["person.id"], name=op.f("fk_public_text_approved_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_text")),
    )
    op.create_index(op.f("ix_public_text_case_id"), "public_text", ["case_id"])
    op.add_column("shortage_case", sa.Column("advice_nn", sa.Text(), nullable=True))
    op.add_column("shortage_case", sa.Column("advice_en", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("shortage_case", "advice_en")
    op.drop_column("shortage_case", "advice_nn")
    op.drop_index(op.f("ix_public_text_case_id"), "public_text")
    op.drop_table("public_text")
