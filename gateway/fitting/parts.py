"""The parts of a fitted model, and how each is written as JSON and read back."""

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter, ValidationError

from db.fitted_models import FittedModel
from insight.churn import ChurnModel
from insight.lifetime_value import ValueModel
from insight.population import QuantileTable
from insight.recommend.center_habits import CenterHabits
from insight.recommend.feedback import ResponseModel
from insight.recommend.services import ServiceModel
from insight.satisfaction import SatisfactionNorm
from insight.season import SeasonIndex
from resolvers.models import Models

_log = logging.getLogger(__name__)

PARTS: Mapping[str, TypeAdapter[Any]] = MappingProxyType(
    {
        "churn": TypeAdapter(ChurnModel | None),
        "season": TypeAdapter(SeasonIndex | None),
        "value": TypeAdapter(ValueModel | None),
        "visits": TypeAdapter(CenterHabits | None),
        "satisfaction": TypeAdapter(SatisfactionNorm | None),
        "services": TypeAdapter(ServiceModel | None),
        "services_without_health": TypeAdapter(ServiceModel | None),
        "responses": TypeAdapter(ResponseModel | None),
    }
)
"""Each part's name in `gateway.fitted_model.parts`, and its type; null where there was too little to fit."""


def written(name: str, part: object) -> str:
    """Return a part as JSON."""
    return PARTS[name].dump_json(part).decode()


def readable(parts: Mapping[str, str]) -> dict[str, Any]:
    """Read parts from JSON; what this version of the code cannot read is left out, and logged by its name."""
    found: dict[str, Any] = {}
    for name, adapter in PARTS.items():
        if name not in parts:
            continue
        try:
            found[name] = adapter.validate_json(parts[name])
        except ValidationError:
            _log.warning("a part of the fitted model cannot be read", extra={"part": name})
    return found


def models_of(fitted: FittedModel | None, quantiles: Mapping[str, QuantileTable]) -> Models:
    """Put what is stored together for answers to be computed with."""
    tables = MappingProxyType(dict(quantiles))
    if fitted is None:
        return Models(quantiles=tables)
    return Models(
        version=fitted.version,
        as_of=fitted.as_of,
        fitted_at=fitted.published_at,
        quantiles=tables,
        **readable(fitted.parts),
    )
