"""FEST files that were fetched, until somebody has decided on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    instant = storage.types.UTCDateTime(timezone=True)
    op.create_table(
        "fest_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("register_on", sa.Date(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("fetched_at", instant, nullable=False),
        sa.Column("decided_by", sa.String(length=36), nullable=True),
        sa.Column("decided_at", instant, nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_fest_file_decided_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fest_file")),
        sa.UniqueConstraint("sha256", name=op.f("uq_fest_file_sha256")),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("fest_file")
