"""The cases of a preparation, those that are open or those that have ended, are found by one index."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One version up."""
    op.create_index("ix_shortage_case_of_preparation", "shortage_case", ["preparation_key", "status"])
    op.drop_index("ix_shortage_case_preparation_key", table_name="shortage_case")


def downgrade() -> None:
    """One version down."""
    op.create_index("ix_shortage_case_preparation_key", "shortage_case", ["preparation_key"])
    op.drop_index("ix_shortage_case_of_preparation", table_name="shortage_case")
