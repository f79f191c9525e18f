"""Reports that the centre has written down for somebody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("shortage_report") as table:
        table.add_column(sa.Column("registered_by", sa.String(length=36), nullable=True))
        table.add_column(sa.Column("came_by", sa.String(length=12), nullable=True))
        table.add_column(sa.Column("told_by", sa.String(length=200), nullable=True))
        table.create_foreign_key(op.f("fk_shortage_report_registered_by_person"), "person", ["registered_by"], ["id"])


def downgrade() -> None:
    """Take them away."""
    with op.batch_alter_table("shortage_report") as table:
        table.drop_constraint(op.f("fk_shortage_report_registered_by_person"), type_="foreignkey")
        table.drop_column("told_by")
        table.drop_column("came_by")
        table.drop_column("registered_by")
