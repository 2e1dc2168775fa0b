"""Fitted models, the risk levels that follow from them, stored recommendations, and the answers to them."""

from alembic import op

from db.migrations import online

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MODELS = """
CREATE TABLE gateway.fitted_model (
    version      varchar(40) PRIMARY KEY,
    as_of        date NOT NULL,
    data_from    date,
    data_until   date,
    customers    integer NOT NULL DEFAULT 0,
    parts        jsonb NOT NULL DEFAULT '{}',
    churn        jsonb GENERATED ALWAYS AS (parts -> 'churn') STORED,
    started_at   timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz
);
CREATE INDEX ix_gateway_fitted_model_published_at ON gateway.fitted_model (published_at);
COMMENT ON COLUMN gateway.fitted_model.as_of IS 'The day up to which rows were looked at';
COMMENT ON COLUMN gateway.fitted_model.parts IS 'The parameters of each model, by its name';
COMMENT ON COLUMN gateway.fitted_model.churn IS
    'The part that every write of a visit needs: the others are large, and are unpacked together';
COMMENT ON COLUMN gateway.fitted_model.published_at IS 'When every part was there; null until then';

CREATE TABLE gateway.package_service (
    package_id   integer NOT NULL REFERENCES public.packages ON DELETE CASCADE,
    service_code varchar(20) NOT NULL,
    sessions     integer NOT NULL,
    PRIMARY KEY (package_id, service_code),
    CONSTRAINT package_service_sessions CHECK (sessions >= 0)
);
COMMENT ON TABLE gateway.package_service IS 'What a package of the catalogue holds';
"""

RECOMMENDATIONS = """
CREATE TABLE gateway.recommendation (
    customer_id       integer NOT NULL REFERENCES public.customers ON DELETE CASCADE,
    recommendation_id varchar(40) NOT NULL,
    basis             varchar(20) NOT NULL,
    kind              varchar(20) NOT NULL,
    subject           varchar(40) NOT NULL,
    place             smallint NOT NULL,
    confidence        double precision NOT NULL,
    prior             double precision NOT NULL,
    goals             text[] NOT NULL DEFAULT '{}',
    content           jsonb NOT NULL,
    factors           text[] NOT NULL DEFAULT '{}',
    inputs_version    varchar(64) NOT NULL,
    model_version     varchar(40) NOT NULL,
    generated_at      timestamptz NOT NULL,
    expires_at        timestamptz NOT NULL,
    PRIMARY KEY (customer_id, recommendation_id),
    CONSTRAINT recommendation_basis CHECK (basis IN ('full', 'without_health')),
    CONSTRAINT recommendation_kind CHECK (kind IN ('service', 'package', 'schedule'))
);
CREATE INDEX ix_gateway_recommendation_current ON gateway.recommendation (customer_id, basis, expires_at);
CREATE INDEX ix_gateway_recommendation_expires_at ON gateway.recommendation (expires_at);
COMMENT ON COLUMN gateway.recommendation.basis IS 'Whether health data had a say: full or without_health';
COMMENT ON COLUMN gateway.recommendation.subject IS 'The service''s code, the package''s number, or weekly';
COMMENT ON COLUMN gateway.recommendation.place IS 'The rank among those of its kind, from 1';
COMMENT ON COLUMN gateway.recommendation.prior IS 'The probability before any feedback';

CREATE TABLE gateway.recommendation_feedback (
    customer_id       integer NOT NULL,
    recommendation_id varchar(40) NOT NULL,
    actor             text NOT NULL,
    action            varchar(20) NOT NULL,
    feedback_score    smallint,
    comment           text,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (customer_id, recommendation_id, actor),
    FOREIGN KEY (customer_id, recommendation_id) REFERENCES gateway.recommendation ON DELETE CASCADE,
    CONSTRAINT recommendation_feedback_action CHECK (action IN ('accepted', 'rejected', 'deferred')),
    CONSTRAINT recommendation_feedback_score CHECK (feedback_score BETWEEN 1 AND 5)
);
COMMENT ON COLUMN gateway.recommendation_feedback.actor IS 'The subject of the token that told it';
"""

# The formula of insight/churn, so that a level is right as soon as anybody writes; a test compares the two.
RISK = """
CREATE FUNCTION gateway.risk_level_of(visits integer, first_on date, last_on date, today date)
RETURNS varchar LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    model   jsonb;
    alpha   float8;
    shape   float8;
    repeats float8 := visits - 1;
    recency float8 := (last_on - first_on) / 7.0;
    age     float8 := greatest(today - first_on, last_on - first_on) / 7.0;
    term    float8 := 1;
    total   float8 := 1;
    stayed  float8;
    gone    float8;
    percent integer;
BEGIN
    IF coalesce(visits, 0) < 1 THEN
        RETURN NULL;
    END IF;
    SELECT churn INTO model FROM gateway.fitted_model
     WHERE published_at IS NOT NULL ORDER BY published_at DESC LIMIT 1;
    IF model ->> 'r' IS NULL THEN
        RETURN NULL;
    END IF;
    alpha := (model ->> 'alpha')::float8;
    shape := (model ->> 'r')::float8 + (model ->> 'k')::float8 * repeats;
    FOR j IN 1 .. (model ->> 'k')::integer - 1 LOOP
        term := term * (shape + j - 1) / j * (age - recency) / (alpha + age);
        total := total + term;
    END LOOP;
    stayed := ln(total) - shape * ln(alpha + age);
    gone := ln((model ->> 'a')::float8) - ln((model ->> 'b')::float8 + repeats) - shape * ln(alpha + recency);
    percent := round(100 / (1 + exp(least(greatest(stayed - gone, -700), 700))));
    RETURN CASE WHEN percent < 30 THEN 'stable' WHEN percent < 60 THEN 'warning' ELSE 'danger' END;
END
$function$;
COMMENT ON FUNCTION gateway.risk_level_of IS
    'The risk level by the newest fitted churn model; null without a visit or a model';

CREATE FUNCTION gateway.assess_risk() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    NEW.risk_level := gateway.risk_level_of(
        NEW.total_visits, NEW.first_visit_on, NEW.last_visit_on, (now() AT TIME ZONE 'Asia/Seoul')::date);
    RETURN NEW;
END
$function$;

CREATE TRIGGER gateway_assess_risk
    BEFORE INSERT OR UPDATE OF total_visits, first_visit_on, last_visit_on ON gateway.customer_summary
    FOR EACH ROW EXECUTE FUNCTION gateway.assess_risk();
"""

GRANTS = """
DO $block$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'wellness_gateway') THEN
        RETURN;
    END IF;
    GRANT SELECT, INSERT, UPDATE, DELETE ON gateway.fitted_model, gateway.recommendation TO wellness_gateway;
    GRANT SELECT, INSERT, UPDATE ON gateway.recommendation_feedback TO wellness_gateway;
    GRANT SELECT, INSERT ON gateway.package_service TO wellness_gateway;
    GRANT UPDATE (risk_level) ON gateway.customer_summary TO wellness_gateway;
    GRANT DELETE ON gateway.population_quantiles TO wellness_gateway;
END
$block$;
"""


def upgrade() -> None:
    online.lock_tables("public.customers", "public.packages", "gateway.customer_summary")
    for statements in (MODELS, RECOMMENDATIONS, RISK, GRANTS):
        op.execute(statements)


def downgrade() -> None:
    op.execute("DROP TRIGGER gateway_assess_risk ON gateway.customer_summary")
    op.execute("DROP FUNCTION gateway.assess_risk, gateway.risk_level_of")
    op.execute("DROP TABLE gateway.recommendation_feedback, gateway.recommendation, gateway.package_service")
    op.execute("DROP TABLE gateway.fitted_model")
