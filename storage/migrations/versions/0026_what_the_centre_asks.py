"""Questions with a deadline, who was asked, what they answered; counts that came as such an answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and say of a count which answer it was."""
    instant = storage.types.UTCDateTime(timezone=True)
    op.create_table(
        "inquiry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answer", sa.String(length=12), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("pack", sa.Float(), nullable=True),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("first", sa.Date(), nullable=True),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("deadline", instant, nullable=False),
        sa.Column("reply_by", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_by", sa.String(length=36), nullable=False),
        sa.Column("asked_at", instant, nullable=False),
        sa.Column("closed_by", sa.String(length=36), nullable=True),
        sa.Column("closed_at", instant, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["shortage_case.id"], name=op.f("fk_inquiry_case_id_shortage_case")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_inquiry_asked_by_person")),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_inquiry_closed_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry")),
    )
    op.create_index(op.f("ix_inquiry_case_id"), "inquiry", ["case_id"])
    op.create_index("ix_inquiry_due", "inquiry", ["state", "deadline"])
    op.create_table(
        "inquiry_asked",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inquiry_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("region", sa.String(length=60), nullable=True),
        sa.Column("person", sa.String(length=36), nullable=True),
        sa.Column("trust", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["inquiry_id"], ["inquiry.id"], name=op.f("fk_inquiry_asked_inquiry_id_inquiry")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_inquiry_asked_person_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry_asked")),
    )
    op.create_index(op.f("ix_inquiry_asked_inquiry_id"), "inquiry_asked", ["inquiry_id"])
    op.create_table(
        "inquiry_target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asked_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=True),
        sa.Column("channel", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_id"], ["inquiry_asked.id"], name=op.f("fk_inquiry_target_asked_id_inquiry_asked")
        ),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_inquiry_target_person_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry_target")),
    )
    op.create_index(op.f("ix_inquiry_target_asked_id"), "inquiry_target", ["asked_id"])
    op.create_table(
        "inquiry_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asked_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Float(), nullable=True),
        sa.Column("packs", sa.Float(), nullable=True),
        sa.Column("choice", sa.String(length=75), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("came_by", sa.String(length=12), nullable=True),
        sa.Column("told_by", sa.String(length=200), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_id"], ["inquiry_asked.id"], name=op.f("fk_inquiry_answer_asked_id_inquiry_asked")
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_inquiry_answer_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry_answer")),
    )
    op.create_index(op.f("ix_inquiry_answer_asked_id"), "inquiry_answer", ["asked_id"])
    with op.batch_alter_table("stock_count") as table:
        table.add_column(sa.Column("inquiry_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("counted_by", sa.String(length=36), nullable=True))
        table.create_foreign_key(op.f("fk_stock_count_inquiry_id_inquiry"), "inquiry", ["inquiry_id"], ["id"])
        table.create_foreign_key(op.f("fk_stock_count_counted_by_person"), "person", ["counted_by"], ["id"])


def downgrade() -> None:
    """Take them away."""
    with op.batch_alter_table("stock_count") as table:
        table.drop_constraint(op.f("fk_stock_count_inquiry_id_inquiry"), type_="foreignkey")
        table.drop_constraint(op.f("fk_stock_count_counted_by_person"), type_="foreignkey")
        table.drop_column("counted_by")
        table.drop_column("inquiry_id")
    for name in ("inquiry_answer", "inquiry_target", "inquiry_asked", "inquiry"):
        op.drop_table(name)
