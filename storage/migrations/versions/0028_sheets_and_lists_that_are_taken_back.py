"""A list that is shown keeps which medicine each row was found to mean; a sheet, what it replaced; long work stops."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("register_list", sa.Column("grades", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("stock_sheet", sa.Column("meaning", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("stock_sheet", sa.Column("replaced", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("stock_sheet", sa.Column("stored_at", storage.types.UTCDateTime(timezone=True), nullable=True))
    op.create_table(
        "long_work",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("begun_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", storage.types.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_long_work")),
    )


def downgrade() -> None:
    """Take them away; a sheet that was taken back was never stored."""
    op.drop_table("long_work")
    op.execute("UPDATE stock_sheet SET state = 'dropped' WHERE state = 'undone'")
    with op.batch_alter_table("stock_sheet") as table:
        table.drop_column("stored_at")
        table.drop_column("replaced")
        table.drop_column("meaning")
    with op.batch_alter_table("register_list") as table:
        table.drop_column("grades")
