"""Alerts that wait for an answer, are held back, or were false; pools that fall silent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One version up. An open alert that nobody has answered begins to wait from when it was last told."""
    with op.batch_alter_table("stock_alert") as batch_op:
        batch_op.add_column(sa.Column("waits_since", storage.types.UTCDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("escalated", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("answered_at", storage.types.UTCDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("assigned_by", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("note", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("ran_out_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("outcome", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("closed_by", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("close_reason", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("counted_on", sa.Date(), nullable=True))
        for column in ("assigned_by", "closed_by"):
            batch_op.create_foreign_key(op.f(f"fk_stock_alert_{column}_person"), "person", [column], ["id"])
    op.execute(
        "UPDATE stock_alert SET waits_since = told_at WHERE closed_at IS NULL AND followed_by IS NULL"
        " AND snoozed_until IS NULL AND case_number IS NULL"
    )
    op.execute("UPDATE stock_alert SET outcome = 'recovered' WHERE closed_at IS NOT NULL")
    with op.batch_alter_table("stock_alert") as batch_op:
        batch_op.alter_column("escalated", server_default=None)

    op.create_table(
        "held_alert",
        sa.Column("item_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["stock_item.id"], name=op.f("fk_held_alert_item_id_stock_item")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_held_alert")),
    )
    op.create_table(
        "pool_silence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.String(length=60), nullable=False),
        sa.Column("newest", sa.Date(), nullable=False),
        sa.Column("asked_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("in_channel", sa.String(length=200), nullable=True),
        sa.Column("closed_at", storage.types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["pool_id"], ["stock_pool.id"], name=op.f("fk_pool_silence_pool_id_stock_pool")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_silence")),
    )
    with op.batch_alter_table("pool_silence") as batch_op:
        batch_op.create_index("ix_pool_silence_open", ["pool_id", "closed_at"], unique=False)


def downgrade() -> None:
    """One version down."""
    op.drop_table("pool_silence")
    op.drop_table("held_alert")
    with op.batch_alter_table("stock_alert") as batch_op:
        for column in ("assigned_by", "closed_by"):
            batch_op.drop_constraint(op.f(f"fk_stock_alert_{column}_person"), type_="foreignkey")
        for column in (
            "counted_on",
            "close_reason",
            "closed_by",
            "outcome",
            "ran_out_on",
            "note",
            "assigned_by",
            "answered_at",
            "escalated",
            "waits_since",
        ):
            batch_op.drop_column(column)
