"""Another register's case number fits wherever a case's number stands: with a notice, and with a domino effect."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One version up."""
    _lengthen(12, 40)


def downgrade() -> None:
    """One version down."""
    _lengthen(40, 12)


def _lengthen(now: int, wanted: int) -> None:
    """SQLite keeps no lengths: there is nothing to change there."""
    if op.get_bind().dialect.name == "postgresql":
        for table in ("register_notice", "domino_alert"):
            op.alter_column(
                table,
                "case_number",
                type_=sa.String(length=wanted),
                existing_type=sa.String(length=now),
                existing_nullable=True,
            )
