"""Events are kept before they are acknowledged, and answered through the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One version up."""
    op.create_table(
        "kept_event",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("lease_until", UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("handled", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_kept_event_at", "kept_event", ["at"])
    op.create_index("ix_kept_event_handled", "kept_event", ["handled"])
    op.add_column("outbox", sa.Column("thread_ts", sa.String(32), nullable=True))


def downgrade() -> None:
    """One version down."""
    op.drop_column("outbox", "thread_ts")
    op.drop_table("kept_event")
