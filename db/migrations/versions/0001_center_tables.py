"""The center's own tables, as its production database has them.

Runs on an empty database only: a live center already has these tables, and they are never altered.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ENUMS = """
CREATE TYPE membership_level AS ENUM ('basic', 'silver', 'gold', 'platinum', 'vip');
CREATE TYPE customer_status AS ENUM ('active', 'inactive', 'dormant');
CREATE TYPE user_role AS ENUM ('master', 'admin', 'manager', 'staff');
CREATE TYPE payment_method AS ENUM ('cash', 'card', 'transfer', 'other');
CREATE TYPE payment_type AS ENUM ('package', 'single', 'additional', 'refund');
CREATE TYPE payment_status AS ENUM ('pending', 'completed', 'cancelled', 'refunded');
CREATE TYPE reservation_status AS ENUM ('pending', 'confirmed', 'cancelled', 'completed', 'no_show');
CREATE TYPE questionnairesection AS ENUM (
    'BASIC', 'HEALTH_STATUS', 'GOALS', 'STRESS_MENTAL',
    'DIGESTIVE_DETOX', 'HORMONE_METABOLIC', 'MUSCULOSKELETAL');
CREATE TYPE questiontype AS ENUM (
    'SINGLE_CHOICE', 'MULTIPLE_CHOICE', 'TEXT', 'NUMBER', 'SCALE', 'DATE', 'BODY_MAP');
"""

PEOPLE = """
CREATE TABLE customers (
    customer_id            serial PRIMARY KEY,
    name                   varchar(50) NOT NULL,
    phone                  varchar(20),
    first_visit_date       date,
    region                 varchar(100),
    referral_source        varchar(50),
    health_concerns        text,
    notes                  text,
    assigned_staff         varchar(50),
    birth_year             integer,
    gender                 varchar(10),
    email                  varchar(100),
    address                text,
    emergency_contact      varchar(100),
    occupation             varchar(50),
    membership_level       membership_level DEFAULT 'basic',
    customer_status        customer_status DEFAULT 'active',
    preferred_time_slots   jsonb,
    health_goals           text,
    last_visit_date        date,
    total_visits           integer DEFAULT 0,
    average_visit_interval integer,
    total_revenue          numeric(10, 2) DEFAULT 0,
    average_satisfaction   numeric(3, 2),
    created_at             timestamp DEFAULT now(),
    updated_at             timestamp DEFAULT now()
);
CREATE INDEX ix_customers_name ON customers (name);
CREATE INDEX ix_customers_phone ON customers (phone);

CREATE TABLE customer_preferences (
    preference_id            serial PRIMARY KEY,
    customer_id              integer UNIQUE REFERENCES customers ON DELETE CASCADE,
    preferred_services       text[],
    preferred_time           varchar(20),
    preferred_intensity      varchar(20),
    health_interests         text[],
    communication_preference varchar(20),
    marketing_consent        boolean,
    created_at               timestamp DEFAULT now(),
    updated_at               timestamp DEFAULT now()
);

CREATE TABLE users (
    user_id       serial PRIMARY KEY,
    email         varchar(100) NOT NULL UNIQUE,
    password_hash varchar(255) NOT NULL,
    name          varchar(50) NOT NULL,
    role          user_role NOT NULL DEFAULT 'staff',
    is_active     boolean NOT NULL DEFAULT true,
    created_at    timestamp DEFAULT now(),
    updated_at    timestamp DEFAULT now()
);
"""

SERVICES = """
CREATE TABLE service_types (
    service_type_id  serial PRIMARY KEY,
    service_name     varchar(100) NOT NULL UNIQUE,
    service_color    varchar(7),
    default_duration integer,
    default_price    integer,
    is_active        boolean DEFAULT true,
    description      text,
    created_at       timestamp DEFAULT now(),
    updated_at       timestamp DEFAULT now()
);

CREATE TABLE packages (
    package_id     serial PRIMARY KEY,
    package_name   varchar(100) NOT NULL,
    total_sessions integer NOT NULL,
    valid_months   integer NOT NULL,
    base_price     integer NOT NULL,
    is_active      boolean DEFAULT true,
    description    text,
    created_at     timestamp DEFAULT now(),
    updated_at     timestamp DEFAULT now()
);

CREATE TABLE service_usage (
    usage_id        serial PRIMARY KEY,
    customer_id     integer REFERENCES customers,
    service_date    date NOT NULL,
    service_type_id integer REFERENCES service_types,
    package_id      integer REFERENCES packages,
    session_details text,
    session_number  integer,
    created_by      varchar(50),
    created_at      timestamp DEFAULT now()
);
CREATE INDEX ix_service_usage_service_date ON service_usage (service_date);

CREATE TABLE payments (
    payment_id       serial PRIMARY KEY,
    customer_id      integer NOT NULL REFERENCES customers,
    payment_date     date NOT NULL,
    amount           integer NOT NULL,
    payment_method   payment_method NOT NULL,
    payment_type     payment_type NOT NULL,
    payment_status   payment_status DEFAULT 'completed',
    transaction_id   varchar(100),
    reference_id     integer,
    reference_type   varchar(50),
    notes            text,
    payment_staff    varchar(50),
    card_holder_name varchar(255),
    payment_number   varchar(20),
    created_at       timestamp DEFAULT now(),
    updated_at       timestamp DEFAULT now()
);
CREATE INDEX ix_payments_customer_id ON payments (customer_id);
CREATE INDEX ix_payments_payment_date ON payments (payment_date);

CREATE TABLE package_purchases (
    purchase_id        serial PRIMARY KEY,
    customer_id        integer NOT NULL REFERENCES customers,
    package_id         integer NOT NULL REFERENCES packages,
    purchase_date      date NOT NULL,
    expiry_date        date NOT NULL,
    total_sessions     integer NOT NULL,
    used_sessions      integer DEFAULT 0,
    remaining_sessions integer NOT NULL,
    price_paid         integer NOT NULL,
    payment_id         integer REFERENCES payments,
    is_active          boolean DEFAULT true,
    notes              text,
    created_at         timestamp DEFAULT now(),
    updated_at         timestamp DEFAULT now()
);

CREATE TABLE reservations (
    reservation_id    serial PRIMARY KEY,
    customer_id       integer NOT NULL REFERENCES customers,
    service_type_id   integer NOT NULL REFERENCES service_types,
    staff_id          integer REFERENCES users,
    reservation_date  date NOT NULL,
    reservation_time  time NOT NULL,
    duration_minutes  integer NOT NULL,
    status            reservation_status DEFAULT 'pending',
    customer_request  text,
    internal_memo     text,
    reminder_sent     boolean DEFAULT false,
    confirmation_sent boolean DEFAULT false,
    created_by        varchar(50),
    cancelled_at      timestamp,
    cancelled_by      varchar(50),
    cancel_reason     text,
    created_at        timestamp DEFAULT now(),
    updated_at        timestamp DEFAULT now()
);
CREATE INDEX ix_reservations_customer_id ON reservations (customer_id);
CREATE INDEX ix_reservations_reservation_date ON reservations (reservation_date);
"""

HEALTH = """
CREATE TABLE inbody_records (
    record_id                 serial PRIMARY KEY,
    customer_id               integer NOT NULL REFERENCES customers ON DELETE CASCADE,
    measurement_date          timestamp NOT NULL,
    weight                    double precision,
    body_fat_percentage       double precision,
    skeletal_muscle_mass      double precision,
    extracellular_water_ratio double precision,
    phase_angle               double precision,
    visceral_fat_level        integer,
    notes                     text,
    measured_by               varchar(100),
    created_at                timestamp,
    updated_at                timestamp
);

CREATE TABLE questionnaire_templates (
    template_id serial PRIMARY KEY,
    name        varchar(100) NOT NULL,
    description text,
    version     varchar(20) NOT NULL,
    is_active   boolean,
    created_at  timestamptz DEFAULT now(),
    updated_at  timestamptz
);

CREATE TABLE questions (
    question_id      serial PRIMARY KEY,
    template_id      integer REFERENCES questionnaire_templates,
    section          questionnairesection NOT NULL,
    question_type    questiontype NOT NULL,
    question_code    varchar(50) NOT NULL UNIQUE,
    question_text    text NOT NULL,
    question_subtext text,
    order_index      integer NOT NULL,
    is_required      boolean,
    condition_logic  json,
    options          json,
    validation_rules json,
    ui_config        json,
    created_at       timestamptz DEFAULT now(),
    updated_at       timestamptz
);

CREATE TABLE questionnaire_responses (
    response_id      serial PRIMARY KEY,
    customer_id      integer REFERENCES customers,
    template_id      integer REFERENCES questionnaire_templates,
    inbody_record_id integer REFERENCES inbody_records,
    started_at       timestamptz DEFAULT now(),
    completed_at     timestamptz,
    is_completed     boolean,
    completion_rate  double precision,
    device_id        varchar(100),
    app_version      varchar(20),
    ai_analysis      json,
    health_scores    json,
    recommendations  json,
    created_at       timestamptz DEFAULT now(),
    updated_at       timestamptz
);

CREATE TABLE answers (
    answer_id          serial PRIMARY KEY,
    response_id        integer REFERENCES questionnaire_responses,
    question_id        integer REFERENCES questions,
    answer_value       text,
    answer_number      double precision,
    answer_json        json,
    answer_date        timestamp,
    answered_at        timestamptz DEFAULT now(),
    time_spent_seconds integer,
    created_at         timestamptz DEFAULT now(),
    updated_at         timestamptz
);
"""


def upgrade() -> None:
    for statements in (ENUMS, PEOPLE, SERVICES, HEALTH):
        op.execute(statements)


def downgrade() -> None:
    raise NotImplementedError("the center's own tables are never dropped by the gateway")
