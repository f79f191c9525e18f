"""How often each pool is counted, and who is reminded of it, as said in chat."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and the column."""
    op.create_table(
        "pool_reporter",
        sa.Column("pool_id", sa.String(length=60), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["stock_pool.id"], name=op.f("fk_pool_reporter_pool_id_stock_pool")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pool_reporter_person_id_person")),
        sa.PrimaryKeyConstraint("pool_id", "person_id", name=op.f("pk_pool_reporter")),
    )
    op.add_column("stock_pool", sa.Column("report_every_days", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("stock_pool", "report_every_days")
    op.drop_table("pool_reporter")
