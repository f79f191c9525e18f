"""What `/mangel liste` counts is in one index."""

from __future__ import annotations

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_shortage_case_counted", "shortage_case", ["status", "visibility", "atc", "opened_at"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_shortage_case_counted", "shortage_case")
