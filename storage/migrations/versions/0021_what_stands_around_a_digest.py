"""What has been done around a digest and its minutes in the channel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_TABLES = ("meeting_post", "meeting")


def upgrade() -> None:
    """Add the column. What was posted before is left as it stands."""
    for table in _TABLES:
        before = sa.text("""'{"pin": "before", "files": "before"}'""")
        op.add_column(table, sa.Column("kept", sa.JSON(), nullable=False, server_default=before))


def downgrade() -> None:
    """Drop it."""
    for table in _TABLES:
        op.drop_column(table, "kept")
