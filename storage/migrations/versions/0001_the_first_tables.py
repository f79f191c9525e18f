"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One version up."""
    op.create_table(
        "case_number",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_case_number")),
    )
    op.create_table(
        "catalogue_entry",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("brand", sa.String(length=300), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("atc", sa.String(length=7), nullable=True),
        sa.Column("substance", sa.Text(), nullable=False),
        sa.Column("supplier", sa.String(length=200), nullable=False),
        sa.Column("scope", sa.String(length=12), nullable=False),
        sa.Column("authorised", sa.String(length=8), nullable=False),
        sa.Column("synonyms", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_entry")),
    )
    op.create_table(
        "catalogue_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_import")),
    )
    op.create_table(
        "inbox",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_inbox")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbox_at"), ["at"], unique=False)

    op.create_table(
        "lead",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=60), nullable=False),
        sa.Column("until", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lead")),
    )
    op.create_table(
        "meeting_post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("due_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("composed_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_post")),
        sa.UniqueConstraint("week", "kind", name=op.f("uq_meeting_post_week")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("reply_to", sa.String(length=200), nullable=True),
        sa.Column("edits", sa.String(length=200), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("blocks", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.String(length=60), nullable=True),
        sa.Column("lease_until", storage.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("ts", sa.String(length=32), nullable=True),
        sa.Column("posted_in", sa.String(length=32), nullable=True),
        sa.Column("problem", sa.String(length=300), nullable=True),
        sa.Column("created_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", storage.types.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_due", ["state", "priority", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_edits"), ["edits"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("slack_user", sa.String(length=32), nullable=True),
        sa.Column("slack_team", sa.String(length=32), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=True),
        sa.Column("first_seen", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("slack_user", name=op.f("uq_person_slack_user")),
    )
    op.create_table(
        "stock_pool",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=True),
        sa.Column("holdable", sa.String(length=8), nullable=False),
        sa.Column("sized_on", sa.String(length=12), nullable=False),
        sa.Column("drawn_by", sa.String(length=12), nullable=False),
        sa.Column("alert_limit_days", sa.Float(), nullable=True),
        sa.Column("alert_limit_share", sa.Float(), nullable=True),
        sa.Column("target_days", sa.Float(), nullable=True),
        sa.Column("shelf", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_pool")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=True),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_audit_person_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_subject"), ["subject"], unique=False)

    op.create_table(
        "follow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("since", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_follow_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow")),
        sa.UniqueConstraint("target", "kind", "subject", name=op.f("uq_follow_target")),
    )
    op.create_table(
        "shortage_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("preparation_key", sa.String(length=400), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("substance", sa.String(length=400), nullable=False),
        sa.Column("atc", sa.String(length=7), nullable=True),
        sa.Column("scope", sa.String(length=12), nullable=False),
        sa.Column("authorised", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("visibility", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=True),
        sa.Column("cause", sa.String(length=32), nullable=True),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("expected_end", sa.Date(), nullable=True),
        sa.Column("substitute", sa.Text(), nullable=True),
        sa.Column("substitute_ready", sa.Boolean(), nullable=True),
        sa.Column("affected", sa.Text(), nullable=True),
        sa.Column("advice", sa.Text(), nullable=True),
        sa.Column("advice_by", sa.String(length=36), nullable=True),
        sa.Column("decision_question", sa.Text(), nullable=True),
        sa.Column("owner", sa.String(length=36), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("next_step_on", sa.Date(), nullable=True),
        sa.Column("complex", sa.String(length=12), nullable=True),
        sa.Column("domino_of", sa.String(length=12), nullable=True),
        sa.Column("made_up", sa.Boolean(), nullable=False),
        sa.Column("opened_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(length=36), nullable=True),
        sa.Column("changed_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", storage.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("close_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["advice_by"], ["person.id"], name=op.f("fk_shortage_case_advice_by_person")),
        sa.ForeignKeyConstraint(["opened_by"], ["person.id"], name=op.f("fk_shortage_case_opened_by_person")),
        sa.ForeignKeyConstraint(["owner"], ["person.id"], name=op.f("fk_shortage_case_owner_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shortage_case")),
        sa.UniqueConstraint("number", name=op.f("uq_shortage_case_number")),
    )
    with op.batch_alter_table("shortage_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shortage_case_atc"), ["atc"], unique=False)
        batch_op.create_index(batch_op.f("ix_shortage_case_complex"), ["complex"], unique=False)
        batch_op.create_index(batch_op.f("ix_shortage_case_opened_at"), ["opened_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_shortage_case_preparation_key"), ["preparation_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_shortage_case_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_shortage_case_substance"), ["substance"], unique=False)

    op.create_table(
        "stock_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("substance", sa.String(length=400), nullable=True),
        sa.Column("atc", sa.String(length=7), nullable=True),
        sa.Column("preparation_key", sa.String(length=400), nullable=True),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("stated_daily_demand", sa.Float(), nullable=True),
        sa.Column("stated_by", sa.String(length=200), nullable=True),
        sa.Column("made_up", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["stock_pool.id"], name=op.f("fk_stock_item_pool_id_stock_pool")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_item")),
        sa.UniqueConstraint("pool_id", "key", name=op.f("uq_stock_item_pool_id")),
    )
    with op.batch_alter_table("stock_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_item_preparation_key"), ["preparation_key"], unique=False)

    op.create_table(
        "stock_sheet",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("filename", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sent_by", sa.String(length=36), nullable=True),
        sa.Column("received_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sent_by"], ["person.id"], name=op.f("fk_stock_sheet_sent_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_sheet")),
    )
    with op.batch_alter_table("stock_sheet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_sheet_sha256"), ["sha256"], unique=False)

    op.create_table(
        "wrong_match",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("typed", sa.String(length=300), nullable=False),
        sa.Column("wrong_id", sa.String(length=60), nullable=True),
        sa.Column("wrong_name", sa.String(length=400), nullable=False),
        sa.Column("right_id", sa.String(length=60), nullable=True),
        sa.Column("right_name", sa.String(length=400), nullable=False),
        sa.Column("at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_wrong_match_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrong_match")),
    )
    op.create_table(
        "case_preparation",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("preparation_id", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["shortage_case.id"], name=op.f("fk_case_preparation_case_id_shortage_case")
        ),
        sa.PrimaryKeyConstraint("case_id", "preparation_id", name=op.f("pk_case_preparation")),
    )
    op.create_table(
        "end_date",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("said_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_end_date_by_person")),
        sa.ForeignKeyConstraint(["case_id"], ["shortage_case.id"], name=op.f("fk_end_date_case_id_shortage_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_end_date")),
    )
    with op.batch_alter_table("end_date", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_end_date_case_id"), ["case_id"], unique=False)

    op.create_table(
        "shortage_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("reporter", sa.String(length=36), nullable=False),
        sa.Column("typed", sa.String(length=300), nullable=False),
        sa.Column("preparation_id", sa.String(length=60), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("missing", sa.String(length=12), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("runs_out", sa.String(length=12), nullable=False),
        sa.Column("pharmacy_contacted", sa.Boolean(), nullable=True),
        sa.Column("children", sa.Boolean(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("reported_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", storage.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", storage.types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["shortage_case.id"], name=op.f("fk_shortage_report_case_id_shortage_case")
        ),
        sa.ForeignKeyConstraint(["reporter"], ["person.id"], name=op.f("fk_shortage_report_reporter_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shortage_report")),
    )
    with op.batch_alter_table("shortage_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shortage_report_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shortage_report_reported_at"), ["reported_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_shortage_report_reporter"), ["reporter"], unique=False)

    op.create_table(
        "stock_alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("memory", sa.JSON(), nullable=False),
        sa.Column("raised_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("told_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("followed_by", sa.String(length=36), nullable=True),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("snoozed_by", sa.String(length=36), nullable=True),
        sa.Column("snooze_reason", sa.Text(), nullable=True),
        sa.Column("case_number", sa.String(length=12), nullable=True),
        sa.Column("closed_at", storage.types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["followed_by"], ["person.id"], name=op.f("fk_stock_alert_followed_by_person")),
        sa.ForeignKeyConstraint(["item_id"], ["stock_item.id"], name=op.f("fk_stock_alert_item_id_stock_item")),
        sa.ForeignKeyConstraint(["snoozed_by"], ["person.id"], name=op.f("fk_stock_alert_snoozed_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_alert")),
    )
    with op.batch_alter_table("stock_alert", schema=None) as batch_op:
        batch_op.create_index("ix_stock_alert_open", ["item_id", "closed_at"], unique=False)

    op.create_table(
        "stock_count",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("quantity", sa.Float(), nullable=False),
        sa.Column("lot", sa.String(length=60), nullable=True),
        sa.Column("expiry", sa.Date(), nullable=True),
        sa.Column("sheet_id", sa.String(length=36), nullable=True),
        sa.Column("recorded_at", storage.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["stock_item.id"], name=op.f("fk_stock_count_item_id_stock_item")),
        sa.ForeignKeyConstraint(["sheet_id"], ["stock_sheet.id"], name=op.f("fk_stock_count_sheet_id_stock_sheet")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count")),
    )
    with op.batch_alter_table("stock_count", schema=None) as batch_op:
        batch_op.create_index("ix_stock_count_item", ["item_id", "counted_on"], unique=False)

    op.create_table(
        "stock_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("eta", sa.Date(), nullable=False),
        sa.Column("quantity", sa.Float(), nullable=False),
        sa.Column("expiry", sa.Date(), nullable=True),
        sa.Column("sheet_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["stock_item.id"], name=op.f("fk_stock_delivery_item_id_stock_item")),
        sa.ForeignKeyConstraint(["sheet_id"], ["stock_sheet.id"], name=op.f("fk_stock_delivery_sheet_id_stock_sheet")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_delivery")),
        sa.UniqueConstraint("item_id", "eta", name=op.f("uq_stock_delivery_item_id")),
    )
    op.create_table(
        "stock_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("base", sa.String(length=12), nullable=False),
        sa.Column("quantity", sa.Float(), nullable=False),
        sa.Column("sheet_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["stock_item.id"], name=op.f("fk_stock_use_item_id_stock_item")),
        sa.ForeignKeyConstraint(["sheet_id"], ["stock_sheet.id"], name=op.f("fk_stock_use_sheet_id_stock_sheet")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_use")),
        sa.UniqueConstraint("item_id", "first", "last", "base", name=op.f("uq_stock_use_item_id")),
    )


def downgrade() -> None:
    """One version down."""
    op.drop_table("stock_use")
    op.drop_table("stock_delivery")
    with op.batch_alter_table("stock_count", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_count_item")

    op.drop_table("stock_count")
    with op.batch_alter_table("stock_alert", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_alert_open")

    op.drop_table("stock_alert")
    with op.batch_alter_table("shortage_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shortage_report_reporter"))
        batch_op.drop_index(batch_op.f("ix_shortage_report_reported_at"))
        batch_op.drop_index(batch_op.f("ix_shortage_report_case_id"))

    op.drop_table("shortage_report")
    with op.batch_alter_table("end_date", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_end_date_case_id"))

    op.drop_table("end_date")
    op.drop_table("case_preparation")
    op.drop_table("wrong_match")
    with op.batch_alter_table("stock_sheet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_sheet_sha256"))

    op.drop_table("stock_sheet")
    with op.batch_alter_table("stock_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_item_preparation_key"))

    op.drop_table("stock_item")
    with op.batch_alter_table("shortage_case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shortage_case_substance"))
        batch_op.drop_index(batch_op.f("ix_shortage_case_status"))
        batch_op.drop_index(batch_op.f("ix_shortage_case_preparation_key"))
        batch_op.drop_index(batch_op.f("ix_shortage_case_opened_at"))
        batch_op.drop_index(batch_op.f("ix_shortage_case_complex"))
        batch_op.drop_index(batch_op.f("ix_shortage_case_atc"))

    op.drop_table("shortage_case")
    op.drop_table("follow")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_subject"))
        batch_op.drop_index(batch_op.f("ix_audit_at"))

    op.drop_table("audit")
    op.drop_table("stock_pool")
    op.drop_table("person")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_edits"))
        batch_op.drop_index("ix_outbox_due")

    op.drop_table("outbox")
    op.drop_table("meeting_post")
    op.drop_table("lead")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inbox_at"))

    op.drop_table("inbox")
    op.drop_table("catalogue_import")
    op.drop_table("catalogue_entry")
    op.drop_table("case_number")
