"""Packages, exchange groups and ingredients from FEST's own file, and what has left the register."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One version up."""
    op.create_table(
        "catalogue_package",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("article", sa.String(length=20), nullable=True),
        sa.Column("ean", sa.String(length=20), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("preparation_id", sa.String(length=60), nullable=True),
        sa.Column("size", sa.String(length=60), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("ddd", sa.Float(), nullable=True),
        sa.Column("ddd_unit", sa.String(length=20), nullable=True),
        sa.Column("exchange_group", sa.String(length=20), nullable=True),
        sa.Column("marketed_on", sa.Date(), nullable=True),
        sa.Column("paused_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("expired_at", storage.types.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_package")),
    )
    for column in ("article", "ean", "preparation_id"):
        op.create_index(op.f(f"ix_catalogue_package_{column}"), "catalogue_package", [column])
    with op.batch_alter_table("catalogue_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("prescription_group", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("ingredients", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("exchange_group", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("digest", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("expired_at", storage.types.UTCDateTime(timezone=True), nullable=True))
    with op.batch_alter_table("catalogue_import", schema=None) as batch_op:
        batch_op.add_column(sa.Column("register_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("whole", sa.Boolean(), nullable=True))


def downgrade() -> None:
    """One version down. What had left the register is in the list again."""
    with op.batch_alter_table("catalogue_import", schema=None) as batch_op:
        batch_op.drop_column("whole")
        batch_op.drop_column("register_on")
    with op.batch_alter_table("catalogue_entry", schema=None) as batch_op:
        for column in ("expired_at", "digest", "exchange_group", "ingredients", "prescription_group", "kind"):
            batch_op.drop_column(column)
    op.drop_table("catalogue_package")
