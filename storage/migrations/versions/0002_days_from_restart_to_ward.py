"""A case may say how many days pass from the supplier's restart until the medicine is on the ward."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("shortage_case", sa.Column("restart_to_ward_days", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("shortage_case", "restart_to_ward_days")
