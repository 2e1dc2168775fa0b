"""The center's own tables, in schema `public`, under their production names and types.

Only the tables and columns that the gateway reads or writes are modelled; a live center has more of both.
The gateway never alters these tables.
"""

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    Time,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB

from db.tables.types import CenterEnum

metadata = MetaData()

_now = text("now()")
_customer = "customers.customer_id"


def _created_at() -> Column[object]:
    return Column("created_at", DateTime, server_default=_now)


def _updated_at() -> Column[object]:
    return Column("updated_at", DateTime, server_default=_now)


customers = Table(
    "customers",
    metadata,
    Column("customer_id", Integer, primary_key=True),
    Column("name", String(50), nullable=False, index=True),
    Column("phone", String(20), index=True),
    Column("first_visit_date", Date),
    Column("region", String(100)),
    Column("referral_source", String(50)),
    Column("health_concerns", Text),
    Column("notes", Text),
    Column("assigned_staff", String(50)),
    Column("birth_year", Integer),
    Column("gender", String(10)),
    Column("email", String(100)),
    Column("address", Text),
    Column("emergency_contact", String(100)),
    Column("occupation", String(50)),
    Column("membership_level", CenterEnum("membership_level"), server_default="basic"),
    Column("customer_status", CenterEnum("customer_status"), server_default="active"),
    Column("preferred_time_slots", JSONB),
    Column("health_goals", Text),
    Column("last_visit_date", Date),
    Column("total_visits", Integer, server_default="0"),
    Column("average_visit_interval", Integer),
    Column("total_revenue", Numeric(10, 2), server_default="0"),
    Column("average_satisfaction", Numeric(3, 2)),
    _created_at(),
    _updated_at(),
)

customer_preferences = Table(
    "customer_preferences",
    metadata,
    Column("preference_id", Integer, primary_key=True),
    Column("customer_id", Integer, ForeignKey(_customer, ondelete="CASCADE"), unique=True),
    Column("preferred_services", ARRAY(Text)),
    Column("preferred_time", String(20)),
    Column("preferred_intensity", String(20)),
    Column("health_interests", ARRAY(Text)),
    Column("communication_preference", String(20)),
    Column("marketing_consent", Boolean),
    _created_at(),
    _updated_at(),
)

users = Table(
    "users",
    metadata,
    Column("user_id", Integer, primary_key=True),
    Column("email", String(100), nullable=False, unique=True),
    Column("password_hash", String(255), nullable=False),
    Column("name", String(50), nullable=False),
    Column("role", CenterEnum("user_role"), nullable=False, server_default="staff"),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    _created_at(),
    _updated_at(),
)

service_types = Table(
    "service_types",
    metadata,
    Column("service_type_id", Integer, primary_key=True),
    Column("service_name", String(100), nullable=False, unique=True),
    Column("service_color", String(7)),
    Column("default_duration", Integer),
    Column("default_price", Integer),
    Column("is_active", Boolean, server_default=text("true")),
    Column("description", Text),
    _created_at(),
    _updated_at(),
)

packages = Table(
    "packages",
    metadata,
    Column("package_id", Integer, primary_key=True),
    Column("package_name", String(100), nullable=False),
    Column("total_sessions", Integer, nullable=False),
    Column("valid_months", Integer, nullable=False),
    Column("base_price", Integer, nullable=False),
    Column("is_active", Boolean, server_default=text("true")),
    Column("description", Text),
    _created_at(),
    _updated_at(),
)

service_usage = Table(
    "service_usage",
    metadata,
    Column("usage_id", Integer, primary_key=True),
    Column("customer_id", Integer, ForeignKey(_customer)),
    Column("service_date", Date, nullable=False, index=True),
    Column("service_type_id", Integer, ForeignKey("service_types.service_type_id")),
    Column("package_id", Integer, ForeignKey("packages.package_id")),
    Column("session_details", Text),
    Column("session_number", Integer),
    Column("created_by", String(50)),
    _created_at(),
)

payments = Table(
    "payments",
    metadata,
    Column("payment_id", Integer, primary_key=True),
    Column("customer_id", Integer, ForeignKey(_customer), nullable=False, index=True),
    Column("payment_date", Date, nullable=False, index=True),
    Column("amount", Integer, nullable=False),
    Column("payment_method", CenterEnum("payment_method"), nullable=False),
    Column("payment_type", CenterEnum("payment_type"), nullable=False),
    Column("payment_status", CenterEnum("payment_status"), server_default="completed"),
    Column("transaction_id", String(100)),
    Column("reference_id", Integer),
    Column("reference_type", String(50)),
    Column("notes", Text),
    Column("payment_staff", String(50)),
    Column("card_holder_name", String(255)),
    Column("payment_number", String(20)),
    _created_at(),
    _updated_at(),
)

package_purchases = Table(
    "package_purchases",
    metadata,
    Column("purchase_id", Integer, primary_key=True),
    Column("customer_id", Integer, ForeignKey(_customer), nullable=False),
    Column("package_id", Integer, ForeignKey("packages.package_id"), nullable=False),
    Column("purchase_date", Date, nullable=False),
    Column("expiry_date", Date, nullable=False),
    Column("total_sessions", Integer, nullable=False),
    Column("used_sessions", Integer, server_default="0"),
    Column("remaining_sessions", Integer, nullable=False),
    Column("price_paid", Integer, nullable=False),
    Column("payment_id", Integer, ForeignKey("payments.payment_id")),
    Column("is_active", Boolean, server_default=text("true")),
    Column("notes", Text),
    _created_at(),
    _updated_at(),
)

reservations = Table(
    "reservations",
    metadata,
    Column("reservation_id", Integer, primary_key=True),
    Column("customer_id", Integer, ForeignKey(_customer), nullable=False, index=True),
    Column("service_type_id", Integer, ForeignKey("service_types.service_type_id"), nullable=False),
    Column("staff_id", Integer, ForeignKey("users.user_id")),
    Column("reservation_date", Date, nullable=False, index=True),
    Column("reservation_time", Time, nullable=False),
    Column("duration_minutes", Integer, nullable=False),
    Column("status", CenterEnum("reservation_status"), server_default="pending"),
    Column("customer_request", Text),
    Column("internal_memo", Text),
    Column("reminder_sent", Boolean, server_default=text("false")),
    Column("confirmation_sent", Boolean, server_default=text("false")),
    Column("created_by", String(50)),
    Column("cancelled_at", DateTime),
    Column("cancelled_by", String(50)),
    Column("cancel_reason", Text),
    _created_at(),
    _updated_at(),
)

inbody_records = Table(
    "inbody_records",
    metadata,
    Column("record_id", Integer, primary_key=True),
    Column("customer_id", Integer, ForeignKey(_customer, ondelete="CASCADE"), nullable=False),
    Column("measurement_date", DateTime, nullable=False),
    Column("weight", Double),
    Column("body_fat_percentage", Double),
    Column("skeletal_muscle_mass", Double),
    Column("extracellular_water_ratio", Double),
    Column("phase_angle", Double),
    Column("visceral_fat_level", Integer),
    Column("notes", Text),
    Column("measured_by", String(100)),
    Column("created_at", DateTime),
    Column("updated_at", DateTime),
)


def _with_time_zone(*names: str) -> list[Column[object]]:
    columns: list[Column[object]] = []
    for name in names:
        default = _now if name in {"created_at", "started_at", "answered_at"} else None
        columns.append(Column(name, DateTime(timezone=True), server_default=default))
    return columns


questionnaire_templates = Table(
    "questionnaire_templates",
    metadata,
    Column("template_id", Integer, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("description", Text),
    Column("version", String(20), nullable=False),
    Column("is_active", Boolean),
    *_with_time_zone("created_at", "updated_at"),
)

questions = Table(
    "questions",
    metadata,
    Column("question_id", Integer, primary_key=True),
    Column("template_id", Integer, ForeignKey("questionnaire_templates.template_id")),
    Column("section", CenterEnum("questionnairesection"), nullable=False),
    Column("question_type", CenterEnum("questiontype"), nullable=False),
    Column("question_code", String(50), nullable=False, unique=True),
    Column("question_text", Text, nullable=False),
    Column("question_subtext", Text),
    Column("order_index", Integer, nullable=False),
    Column("is_required", Boolean),
    Column("condition_logic", JSON),
    Column("options", JSON),
    Column("validation_rules", JSON),
    Column("ui_config", JSON),
    *_with_time_zone("created_at", "updated_at"),
)

questionnaire_responses = Table(
    "questionnaire_responses",
    metadata,
    Column("response_id", Integer, primary_key=True),
    Column("customer_id", Integer, ForeignKey(_customer)),
    Column("template_id", Integer, ForeignKey("questionnaire_templates.template_id")),
    Column("inbody_record_id", Integer, ForeignKey("inbody_records.record_id")),
    *_with_time_zone("started_at", "completed_at"),
    Column("is_completed", Boolean),
    Column("completion_rate", Double),
    Column("device_id", String(100)),
    Column("app_version", String(20)),
    Column("ai_analysis", JSON),
    Column("health_scores", JSON),
    Column("recommendations", JSON),
    *_with_time_zone("created_at", "updated_at"),
)

answers = Table(
    "answers",
    metadata,
    Column("answer_id", Integer, primary_key=True),
    Column("response_id", Integer, ForeignKey("questionnaire_responses.response_id")),
    Column("question_id", Integer, ForeignKey("questions.question_id")),
    Column("answer_value", Text),
    Column("answer_number", Double),
    Column("answer_json", JSON),
    Column("answer_date", DateTime),
    *_with_time_zone("answered_at"),
    Column("time_spent_seconds", Integer),
    *_with_time_zone("created_at", "updated_at"),
)
