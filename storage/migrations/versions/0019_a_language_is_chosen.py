"""A person has chosen a language, or none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody could choose until now: what stood there was bokmål for all."""
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.alter_column("language", existing_type=sa.String(length=8), nullable=True)
    op.execute("UPDATE person SET language = NULL")


def downgrade() -> None:
    """Whoever has chosen none reads bokmål."""
    op.execute("UPDATE person SET language = 'nb' WHERE language IS NULL")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.alter_column("language", existing_type=sa.String(length=8), nullable=False)
