"""A register's list that is shown before it is read in, and the dates taken from one in one go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the state, create the table. The lists that are there have been read in."""
    op.add_column("register_list", sa.Column("state", sa.String(8), nullable=False, server_default="stored"))
    op.create_table(
        "dates_taken",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("taken_at", UTCDateTime(), nullable=False),
        sa.Column("taken_by", sa.String(36), sa.ForeignKey("person.id", name="fk_dates_taken_taken_by_person")),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("undone_at", UTCDateTime()),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("dates_taken")
    op.drop_column("register_list", "state")
