"""Cases of other registers, what was done about a case, and headings that somebody has explained."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NUMBERS = (
    ("shortage_case", "number", False),
    ("shortage_case", "complex", True),
    ("shortage_case", "domino_of", True),
    ("stock_alert", "case_number", True),
)
"""Where a case's number stands: another register's may be longer than ours."""


def upgrade() -> None:
    """One version up."""
    _lengthen(12, 40)
    op.add_column("shortage_case", sa.Column("import_id", sa.Integer(), nullable=True))
    op.add_column("shortage_case", sa.Column("noticed_on", sa.Date(), nullable=True))
    op.create_index(op.f("ix_shortage_case_import_id"), "shortage_case", ["import_id"])
    op.create_table(
        "case_solution",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("solution", sa.String(length=32), nullable=False),
        sa.Column("worked", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["shortage_case.id"], name=op.f("fk_case_solution_case_id_shortage_case")),
        sa.PrimaryKeyConstraint("case_id", "solution", name=op.f("pk_case_solution")),
    )
    op.create_table(
        "case_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("filename", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("replaced", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_import")),
    )
    op.create_index(op.f("ix_case_import_sha256"), "case_import", ["sha256"])
    op.create_table(
        "column_mapping",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("headings", sa.String(length=64), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "headings", name=op.f("pk_column_mapping")),
    )


def downgrade() -> None:
    """One version down."""
    op.drop_table("column_mapping")
    op.drop_index(op.f("ix_case_import_sha256"), "case_import")
    op.drop_table("case_import")
    op.drop_table("case_solution")
    op.drop_index(op.f("ix_shortage_case_import_id"), "shortage_case")
    op.drop_column("shortage_case", "noticed_on")
    op.drop_column("shortage_case", "import_id")
    _lengthen(40, 12)


def _lengthen(now: int, wanted: int) -> None:
    """SQLite keeps no lengths: there is nothing to change there."""
    if op.get_bind().dialect.name == "postgresql":
        for table, column, nullable in NUMBERS:
            op.alter_column(
                table,
                column,
                type_=sa.String(length=wanted),
                existing_type=sa.String(length=now),
                existing_nullable=nullable,
            )
