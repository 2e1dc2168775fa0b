"""`doctor` on the fitted models: whether there are any, how old they are, and who renews them."""

from datetime import date

from db.fitted_models import published_model
from db.fitting.session import fitting_connection
from gateway.findings import Finding
from gateway.settings import Settings

_YESTERDAY = 1  # days: today's may be under way


def model_finding(settings: Settings, url: str, today: date) -> Finding:
    """Say which models answers are computed with; old or missing ones are no fault while a server fits."""
    with fitting_connection(url) as connection:
        published = published_model(connection)
    if published is None:
        words, age = "none: churn, segments and recommendations have no figures yet", None
    else:
        version, as_of = published
        age = (today - as_of).days
        words = f"{version}, {_ago(age)}"
    if age is not None and age <= _YESTERDAY:
        return Finding("models", fine=True, words=words)
    if settings.model_refresh:
        advice = "a running server fits them by itself; python -m gateway fit does it now"
    else:
        advice = "run python -m gateway fit every night, or set MODEL_REFRESH=true"
    return Finding("models", fine=settings.model_refresh, words=words, advice=advice)


def _ago(days: int) -> str:
    if days <= 0:
        return "of today"
    return "of yesterday" if days == 1 else f"{days} days old"
