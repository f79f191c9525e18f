"""Other forums than Mangelmøtet have lists of their own, and cases that are taken up there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was posted until now was Mangelmøtet's."""
    with op.batch_alter_table("meeting_post") as table:
        table.add_column(sa.Column("forum", sa.String(length=40), nullable=False, server_default="mangelmote"))
        table.drop_constraint(op.f("uq_meeting_post_week"), type_="unique")
        table.create_unique_constraint(op.f("uq_meeting_post_forum"), ["forum", "week", "kind"])
    op.create_table(
        "raised_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("forum", sa.String(length=40), nullable=False),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_raised_case_by_person")),
        sa.ForeignKeyConstraint(["case_id"], ["shortage_case.id"], name=op.f("fk_raised_case_case_id_shortage_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raised_case")),
        sa.UniqueConstraint("case_id", "forum", name=op.f("uq_raised_case_case_id")),
    )
    op.create_index(op.f("ix_raised_case_forum"), "raised_case", ["forum"])


def downgrade() -> None:
    """Only Mangelmøtet's posts are left."""
    op.drop_table("raised_case")
    op.execute("DELETE FROM meeting_post WHERE forum <> 'mangelmote'")
    with op.batch_alter_table("meeting_post") as table:
        table.drop_constraint(op.f("uq_meeting_post_forum"), type_="unique")
        table.create_unique_constraint(op.f("uq_meeting_post_week"), ["week", "kind"])
        table.drop_column("forum")
