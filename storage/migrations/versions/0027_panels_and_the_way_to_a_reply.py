"""Expert panels, and the steps on the way to a reply to DMP."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    instant = storage.types.UTCDateTime(timezone=True)
    op.create_table(
        "expert_panel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("made_by", sa.String(length=36), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_expert_panel_made_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_panel")),
        sa.UniqueConstraint("field", name=op.f("uq_expert_panel_field")),
    )
    op.create_table(
        "panel_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column("appointed_by", sa.String(length=200), nullable=False),
        sa.Column("appointed_on", sa.Date(), nullable=False),
        sa.Column("added_by", sa.String(length=36), nullable=False),
        sa.Column("added_at", instant, nullable=False),
        sa.Column("left_at", instant, nullable=True),
        sa.Column("removed_at", instant, nullable=True),
        sa.ForeignKeyConstraint(["panel_id"], ["expert_panel.id"], name=op.f("fk_panel_member_panel_id_expert_panel")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_panel_member_person_person")),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_panel_member_added_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_member")),
    )
    op.create_index(op.f("ix_panel_member_panel_id"), "panel_member", ["panel_id"])
    op.create_table(
        "inquiry_step",
        sa.Column("inquiry_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["inquiry_id"], ["inquiry.id"], name=op.f("fk_inquiry_step_inquiry_id_inquiry")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_inquiry_step_by_person")),
        sa.PrimaryKeyConstraint("inquiry_id", "step", name=op.f("pk_inquiry_step")),
    )
    with op.batch_alter_table("inquiry") as table:
        table.add_column(sa.Column("panel_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_inquiry_panel_id_expert_panel"), "expert_panel", ["panel_id"], ["id"])


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("inquiry") as table:
        table.drop_constraint(op.f("fk_inquiry_panel_id_expert_panel"), type_="foreignkey")
        table.drop_column("panel_id")
    for name in ("inquiry_step", "panel_member", "expert_panel"):
        op.drop_table(name)
