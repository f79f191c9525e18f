"""Meetings that are held: who was there, what was decided, who does what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def _person(table: str, column: str, *, nullable: bool = False, primary_key: bool = False) -> sa.Column[str]:
    key = sa.ForeignKey("person.id", name=f"fk_{table}_{column}_person")
    return sa.Column(column, sa.String(36), key, nullable=nullable, primary_key=primary_key)


def _meeting(table: str, *, primary_key: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey("meeting.id", name=f"fk_{table}_meeting_id_meeting")
    return sa.Column("meeting_id", sa.Integer(), key, nullable=False, primary_key=primary_key)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("forum", sa.String(40), nullable=False),
        sa.Column("week", sa.String(8), nullable=False),
        sa.Column("agenda", sa.JSON(), nullable=False),
        sa.Column("discussed", sa.JSON(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("guests", sa.Text()),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        _person("meeting", "opened_by"),
        sa.Column("closed_at", UTCDateTime()),
        _person("meeting", "closed_by", nullable=True),
        sa.UniqueConstraint("forum", "week", name="uq_meeting_forum"),
    )
    op.create_table(
        "meeting_attendance",
        _meeting("meeting_attendance", primary_key=True),
        _person("meeting_attendance", "person", primary_key=True),
    )
    op.create_table(
        "meeting_decision",
        sa.Column("id", sa.Integer(), primary_key=True),
        _meeting("meeting_decision"),
        sa.Column("case_number", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("end", sa.Date()),
        _person("meeting_decision", "by"),
        sa.Column("at", UTCDateTime(), nullable=False),
    )
    op.create_index("ix_meeting_decision_meeting_id", "meeting_decision", ["meeting_id"])
    op.create_index("ix_meeting_decision_case_number", "meeting_decision", ["case_number"])
    op.create_table(
        "meeting_task",
        sa.Column("id", sa.Integer(), primary_key=True),
        _meeting("meeting_task"),
        sa.Column("case_number", sa.String(40)),
        sa.Column("text", sa.Text(), nullable=False),
        _person("meeting_task", "assignee", nullable=True),
        sa.Column("name", sa.String(200)),
        sa.Column("due", sa.Date()),
        _person("meeting_task", "by"),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("done_at", UTCDateTime()),
        _person("meeting_task", "done_by", nullable=True),
    )
    op.create_index("ix_meeting_task_meeting_id", "meeting_task", ["meeting_id"])
    op.create_index("ix_meeting_task_done_at", "meeting_task", ["done_at"])


def downgrade() -> None:
    """Drop them."""
    for table in ("meeting_task", "meeting_decision", "meeting_attendance", "meeting"):
        op.drop_table(table)
