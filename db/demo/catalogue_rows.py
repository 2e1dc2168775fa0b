"""The demo center's catalogue as rows: users, services, packages, the questionnaire."""

from dataclasses import asdict
from datetime import date, datetime, time, timedelta

from psycopg import Cursor

from db.demo.catalogue import NO_PASSWORD, PACKAGES, QUESTIONS, SERVICE_TYPES, STAFF, TEMPLATE_ID
from db.demo.services import SERVICES

_OPENED_DAYS = 1_200
"""The center opened this many days ago."""

_INSERT_USER = """
INSERT INTO public.users (user_id, email, password_hash, name, role, is_active, created_at, updated_at)
VALUES (%(user_id)s, %(email)s, %(password)s, %(name)s, %(role)s, %(is_active)s, %(opened)s, %(opened)s)
"""
_INSERT_SERVICE = """
INSERT INTO public.service_types (
    service_type_id, service_name, service_color, default_duration, default_price, description,
    created_at, updated_at)
VALUES (%(service_type_id)s, %(name)s, %(color)s, %(duration)s, %(price)s, %(description)s,
    %(opened)s, %(opened)s)
"""
_INSERT_CODE = (
    "INSERT INTO gateway.service_code (service_type_id, code) VALUES (%(service_type_id)s, %(code)s)"
)
_INSERT_PACKAGE = """
INSERT INTO public.packages (
    package_id, package_name, total_sessions, valid_months, base_price, is_active, created_at, updated_at)
VALUES (%(package_id)s, %(name)s, %(total_sessions)s, %(months)s, %(price)s, %(is_active)s,
    %(opened)s, %(opened)s)
"""
_INSERT_QUOTA = """
INSERT INTO gateway.package_service (package_id, service_code, sessions)
VALUES (%(package_id)s, %(code)s, %(sessions)s)
"""
_INSERT_TEMPLATE = """
INSERT INTO public.questionnaire_templates (
    template_id, name, description, version, is_active, created_at, updated_at)
VALUES (%(template_id)s, '웰니스 건강 설문', '수면, 스트레스, 건강 목표', '1.0', true, %(opened)s, %(opened)s)
"""
_INSERT_QUESTION = """
INSERT INTO public.questions (
    question_id, template_id, section, question_type, question_code, question_text, order_index, is_required,
    created_at, updated_at)
VALUES (%(question_id)s, %(template_id)s, %(section)s, %(kind)s, %(code)s, %(text)s, %(question_id)s, true,
    %(opened)s, %(opened)s)
"""


def write_catalogue(cursor: Cursor, today: date) -> None:
    """Insert what every demo center has, as of a center that opened some years before today."""
    opened = {"opened": datetime.combine(today - timedelta(days=_OPENED_DAYS), time(0))}
    cursor.executemany(
        _INSERT_USER, [{**asdict(person), **opened, "password": NO_PASSWORD} for person in STAFF]
    )
    services = [{**asdict(kind), **opened, "code": str(kind.code)} for kind in SERVICE_TYPES]
    cursor.executemany(_INSERT_SERVICE, services)
    cursor.executemany(_INSERT_CODE, services)
    packages = [
        {**asdict(package), **opened, "total_sessions": package.total_sessions} for package in PACKAGES
    ]
    cursor.executemany(_INSERT_PACKAGE, packages)
    quotas = [
        {"package_id": package.package_id, "code": str(code), "sessions": sessions}
        for package in PACKAGES
        for code, sessions in zip(SERVICES, package.quotas, strict=True)
        if sessions
    ]
    cursor.executemany(_INSERT_QUOTA, quotas)
    template = {"template_id": TEMPLATE_ID, **opened}
    cursor.execute(_INSERT_TEMPLATE, template)
    questions = [
        dict(zip(("question_id", "section", "kind", "code", "text"), question, strict=True))
        for question in QUESTIONS
    ]
    cursor.executemany(_INSERT_QUESTION, [{**question, **template} for question in questions])
