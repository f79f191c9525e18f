"""Pools and items that people change in chat, and items that move from one pool to another."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


# Columns are added and dropped one by one, never by a table made anew: SQLite would refuse to drop the old
# table while counts and alerts refer to its rows.

KEPT_BY_PEOPLE = ("version", "changed_by", "changed_at")


def of_an_item() -> tuple[sa.Column[Any], ...]:
    """The new columns of an item."""
    return (
        sa.Column("holdable", sa.String(length=8), nullable=True),
        sa.Column("sized_on", sa.String(length=12), nullable=True),
        sa.Column("drawn_by", sa.String(length=12), nullable=True),
        sa.Column("alert_limit_days", sa.Float(), nullable=True),
        sa.Column("alert_limit_share", sa.Float(), nullable=True),
        sa.Column("target_days", sa.Float(), nullable=True),
        sa.Column("stated_from", sa.Date(), nullable=True),
        sa.Column("stated_first", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("ordered_when_short", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("pack_size", sa.Float(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
    )


def upgrade() -> None:
    """One version up."""
    op.add_column("stock_pool", sa.Column("former_names", sa.JSON(), nullable=False, server_default="[]"))
    for column in of_an_item():
        op.add_column("stock_item", column)
    for table in ("stock_pool", "stock_item"):
        op.add_column(table, sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        op.add_column(
            table,
            sa.Column("changed_by", sa.String(length=36), sa.ForeignKey("person.id"), nullable=True),
            inline_references=True,
        )
        op.add_column(table, sa.Column("changed_at", storage.types.UTCDateTime(timezone=True), nullable=True))

    op.create_table(
        "stock_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("from_pool", sa.String(length=60), nullable=False),
        sa.Column("to_pool", sa.String(length=60), nullable=False),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_stock_move_by_person")),
        sa.ForeignKeyConstraint(["from_pool"], ["stock_pool.id"], name=op.f("fk_stock_move_from_pool_stock_pool")),
        sa.ForeignKeyConstraint(["item_id"], ["stock_item.id"], name=op.f("fk_stock_move_item_id_stock_item")),
        sa.ForeignKeyConstraint(["to_pool"], ["stock_pool.id"], name=op.f("fk_stock_move_to_pool_stock_pool")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_move")),
    )
    with op.batch_alter_table("stock_move", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_move_item_id"), ["item_id"], unique=False)


def downgrade() -> None:
    """One version down: what people have changed in chat, and where items came from, is lost."""
    op.drop_table("stock_move")
    for table in ("stock_pool", "stock_item"):
        for name in KEPT_BY_PEOPLE:
            op.drop_column(table, name)
    for column in of_an_item():
        op.drop_column("stock_item", column.name)
    op.drop_column("stock_pool", "former_names")
