"""The desk: how far each has read what others did, and what was done to many cases in one go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "desk_reading",
        sa.Column(
            "person", sa.String(36), sa.ForeignKey("person.id", name="fk_desk_reading_person_person"), primary_key=True
        ),
        sa.Column("until", UTCDateTime(), nullable=False),
    )
    op.create_table(
        "case_batch",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", sa.String(36), sa.ForeignKey("person.id", name="fk_case_batch_by_person"), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("given_to", sa.String(36), sa.ForeignKey("person.id", name="fk_case_batch_given_to_person")),
        sa.Column("note", sa.Text()),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("undone_at", UTCDateTime()),
    )
    op.create_index("ix_case_batch_at", "case_batch", ["at"])
    op.create_index("ix_case_batch_given_to", "case_batch", ["given_to"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("case_batch")
    op.drop_table("desk_reading")
