"""What `/mangel liste` counts is in one index; the one of the status alone is the beginning of three others."""

from __future__ import annotations

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the one, take the other away."""
    op.create_index("ix_shortage_case_counted", "shortage_case", ["status", "visibility", "atc", "opened_at"])
    op.drop_index(op.f("ix_shortage_case_status"), "shortage_case")


def downgrade() -> None:
    """The other way round."""
    op.create_index(op.f("ix_shortage_case_status"), "shortage_case", ["status"])
    op.drop_index("ix_shortage_case_counted", "shortage_case")
