"""What the centre adds to the catalogue itself, and what it decided about short names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One version up."""
    op.create_table(
        "synonym",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=120), nullable=False),
        sa.Column("means", sa.String(length=400), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("decided_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_synonym_decided_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym")),
        sa.UniqueConstraint("words", name=op.f("uq_synonym_words")),
    )
    with op.batch_alter_table("catalogue_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("added_by", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("added_at", storage.types.UTCDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("retired_at", storage.types.UTCDateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_catalogue_entry_added_by_person"), "person", ["added_by"], ["id"])


def downgrade() -> None:
    """One version down. What the centre had retired is in the list again."""
    with op.batch_alter_table("catalogue_entry", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_catalogue_entry_added_by_person"), type_="foreignkey")
        batch_op.drop_column("retired_at")
        batch_op.drop_column("added_at")
        batch_op.drop_column("added_by")
    op.drop_table("synonym")
