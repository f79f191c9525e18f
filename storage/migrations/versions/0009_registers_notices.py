"""Other people's registers: their lists, their notices, and what each list changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "register_list",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("filename", sa.String(300), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("sent_by", sa.String(36), sa.ForeignKey("person.id", name="fk_register_list_sent_by_person")),
        sa.Column("undone_at", UTCDateTime()),
    )
    op.create_index("ix_register_list_source", "register_list", ["source", "as_of"])
    op.create_table(
        "register_notice",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("name", sa.String(400), nullable=False),
        sa.Column("substance", sa.Text(), nullable=False),
        sa.Column("start", sa.Date()),
        sa.Column("end", sa.Date()),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("veterinary", sa.Boolean(), nullable=False),
        sa.Column("grade", sa.String(8), nullable=False),
        sa.Column("medicine_key", sa.String(400)),
        sa.Column("medicine_value", sa.String(400)),
        sa.Column("atc", sa.String(7)),
        sa.Column("slips", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        _list_column("register_notice", "first_list"),
        _list_column("register_notice", "changed_in"),
        sa.Column("verdict", sa.String(12)),
        sa.Column("reason", sa.Text()),
        sa.Column("verdict_by", sa.String(36), sa.ForeignKey("person.id", name="fk_register_notice_verdict_by_person")),
        sa.Column("verdict_at", UTCDateTime()),
        sa.Column("case_number", sa.String(12)),
    )
    op.create_index("ix_register_notice_source", "register_notice", ["source", "gone"])
    op.create_index("ix_register_notice_medicine_key", "register_notice", ["medicine_key"])
    op.create_table(
        "notice_change",
        sa.Column("id", sa.Integer(), primary_key=True),
        _list_column("notice_change", "list_id"),
        sa.Column(
            "notice_id",
            sa.Integer(),
            sa.ForeignKey("register_notice.id", name="fk_notice_change_notice_id_register_notice"),
            nullable=False,
        ),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
    )
    op.create_index("ix_notice_change_list_id", "notice_change", ["list_id"])
    op.create_index("ix_notice_change_notice_id", "notice_change", ["notice_id"])


def _list_column(table: str, name: str) -> sa.Column[int]:
    return sa.Column(
        name, sa.Integer(), sa.ForeignKey("register_list.id", name=f"fk_{table}_{name}_register_list"), nullable=False
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("notice_change")
    op.drop_table("register_notice")
    op.drop_table("register_list")
