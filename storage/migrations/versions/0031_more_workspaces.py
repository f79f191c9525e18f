"""The workspaces that the bot is installed in besides the centre's own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "workspace_installation",
        sa.Column("team_id", sa.String(length=16), nullable=False),
        sa.Column("team_name", sa.String(length=200), nullable=False),
        sa.Column("bot_user", sa.String(length=32), nullable=False),
        sa.Column("bot_id", sa.String(length=32), nullable=True),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("installed_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("removed_at", storage.types.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("team_id", name=op.f("pk_workspace_installation")),
    )
    op.create_table(
        "installation_state",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("until", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_installation_state")),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("installation_state")
    op.drop_table("workspace_installation")
