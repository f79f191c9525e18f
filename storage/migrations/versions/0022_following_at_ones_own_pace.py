"""How often one hears of what one follows, what is muted, and what is put aside for the collected message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two columns and a table."""
    op.add_column("follow", sa.Column("pace", sa.String(length=8), server_default="now", nullable=False))
    op.add_column("follow", sa.Column("muted_until", sa.Date(), nullable=True))
    op.create_table(
        "followed_news",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(length=32), nullable=False),
        sa.Column("follow_id", sa.Integer(), nullable=False),
        sa.Column("about_kind", sa.String(length=16), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("due_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["follow_id"], ["follow.id"], name=op.f("fk_followed_news_follow_id_follow")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followed_news")),
        sa.UniqueConstraint("target", "about_kind", "about", name=op.f("uq_followed_news_target")),
    )
    op.create_index("ix_followed_news_follow_id", "followed_news", ["follow_id"], unique=False)
    op.create_index("ix_followed_news_due_at", "followed_news", ["due_at"], unique=False)


def downgrade() -> None:
    """Drop them; a mute that followed nothing would become a follow."""
    op.drop_table("followed_news")
    op.execute("DELETE FROM follow WHERE pace = 'never'")
    with op.batch_alter_table("follow") as follow:
        follow.drop_column("muted_until")
        follow.drop_column("pace")
