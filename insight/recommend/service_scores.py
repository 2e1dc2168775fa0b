"""How probable each service is as a customer's next one, and what made it so."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from insight.goal_stems import GoalTag
from insight.recommend.choice_model import softmax
from insight.recommend.peers import peer_shares, repertoire_of
from insight.recommend.records import Factor
from insight.recommend.service_features import (
    ITEM_FACTORS,
    LIKED,
    SHARES,
    USED,
    WISHED,
    StateFeatures,
    context_factors,
    item_features,
    state_features,
)
from insight.recommend.service_log import CANDIDATES, GOALS, States
from insight.recommend.services import MaskedModel, ServiceModel

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

FACTORS = (
    Factor.SERVICE_HISTORY,
    Factor.SATISFACTION_RATINGS,
    Factor.HEALTH_GOALS,
    Factor.PEER_PATTERNS,
    Factor.SEASONAL_TRENDS,
)
"""The factors that services rest on."""

LEAST_EFFECT = 0.02
"""A factor moved an answer when, without it, the probability would differ by so much or the rank at all."""

LEAST_SAY = 0.05
"""Log-odds that a goal or the season must add to be worth a word."""

_SEASON = FACTORS.index(Factor.SEASONAL_TRENDS)


@dataclass(frozen=True, slots=True)
class ServiceScore:
    """One service for one customer.

    Attributes:
        service: Its code.
        is_new: Whether the customer never used it.
        probability: That it is the next new service, if one is tried; or, for a known one, that the next
            visit is for it, if it is for a known one. 1 where it is the only such service.
        contributions: What each factor adds to the log-odds, above what it adds to the mean of the services
            it stands among.
        factors: The factors that moved it (see `LEAST_EFFECT`), strongest first.
        goals: The goals that spoke for it, strongest first; empty without health data.
        peer_share: The share of similar customers who chose it next.
        companion: The used service that speaks for it most; None for a known one, or where none does.
        liked_companion: The service whose rating, good or bad, speaks for it most; None likewise.
        choices: Among how many services it stood, itself included.
        in_season: Whether the day's season speaks for it among all services.
    """

    service: str
    is_new: bool
    probability: float
    contributions: Mapping[Factor, float]
    factors: tuple[Factor, ...]
    goals: tuple[GoalTag, ...]
    peer_share: float
    companion: str | None
    liked_companion: str | None
    choices: int
    in_season: bool


def score_services(
    model: ServiceModel, state: States, offered: Collection[str] = CANDIDATES
) -> tuple[ServiceScore, ...]:
    """Score the services for one customer: those never used first, each group by falling probability.

    Args:
        model: The fitted model; one without goals does not look at the customer's.
        state: One row, from `customer_state`.
        offered: What the center offers; other services are left out.
    """
    if not model.with_goals:
        state = replace(state, goals=np.zeros_like(state.goals))
    customer = _Customer(
        state,
        state_features(state, model.mean_rating, with_goals=model.with_goals),
        _CONTEXT_SUMS[model.with_goals],
    )
    open_here = np.array([service in offered for service in CANDIDATES])
    used = state.counts[0] > 0
    return (
        *_scores(model.new, customer, open_here & ~used, is_new=True),
        *_scores(model.again, customer, open_here & used, is_new=False),
    )


@dataclass(frozen=True, slots=True)
class _Customer:
    """One customer as both masks see them; `context_sums` adds the context columns up by factor."""

    state: States
    features: StateFeatures
    context_sums: Floats


@dataclass(frozen=True, slots=True)
class _Parts:
    """What makes up the utilities of one mask: by factor, by context column, and the share of peers."""

    utility: Floats
    by_factor: Floats
    by_column: Floats
    peers: Floats


def _scores(part: MaskedModel, customer: _Customer, mask: Flags, *, is_new: bool) -> list[ServiceScore]:
    if not mask.any():
        return []
    parts = _parts(part, customer, mask)
    probability = softmax(parts.utility, mask)
    said = _said(customer, parts, probability, mask)
    chances, peers = probability.tolist(), parts.peers.tolist()
    order = [place for place in _falling(chances) if mask[place]]
    return [
        ServiceScore(
            service=CANDIDATES[place],
            is_new=is_new,
            probability=chances[place],
            contributions=dict(zip(FACTORS, said.by_factor[place], strict=True)),
            factors=_moving(said.changes[place], said.moved[place], has_history=any(said.used)),
            goals=_goals(said.goals[place]),
            peer_share=peers[place],
            companion=_strongest(said.companions[place], said.used) if is_new else None,
            liked_companion=_strongest(said.liked[place], said.rated) if is_new else None,
            choices=len(order),
            in_season=said.seasonal[place] >= LEAST_SAY,
        )
        for place in order
    ]


@dataclass(frozen=True, slots=True)
class _Said:
    """What speaks for each service, as lists: first by service, then by factor, goal or other service."""

    by_factor: list[list[float]]
    changes: list[list[float]]
    moved: list[list[bool]]
    goals: list[list[float]]
    companions: list[list[float]]
    liked: list[list[float]]
    seasonal: list[float]
    used: list[bool]
    rated: list[bool]


def _said(customer: _Customer, parts: _Parts, probability: Floats, mask: Flags) -> _Said:
    changes, moved = _effects(parts, probability, mask)
    spoken = _centred(parts.by_column, mask).T
    seasonal = parts.by_factor[_SEASON]
    return _Said(
        by_factor=_centred(parts.by_factor, mask).T.tolist(),
        changes=changes.T.tolist(),
        moved=moved.T.tolist(),
        goals=spoken[:, WISHED].tolist(),
        companions=(spoken[:, USED] + spoken[:, SHARES]).tolist(),
        liked=spoken[:, LIKED].tolist(),
        seasonal=(seasonal - seasonal.mean()).tolist(),
        used=(customer.state.counts[0] > 0).tolist(),
        rated=(customer.state.rated[0] > 0).tolist(),
    )


def _parts(part: MaskedModel, customer: _Customer, mask: Flags) -> _Parts:
    state = customer.state
    peers = peer_shares(part.peers, state.goals, repertoire_of(state.counts), mask[None, :])
    features = item_features(customer.features, peers)[0]
    by_item = (features * np.asarray(part.weights.item_weights)).T
    by_column = customer.features.context[0][:, None] * np.asarray(part.weights.context_weights)
    by_factor = _ITEM_SUMS @ by_item + customer.context_sums @ by_column
    utility = np.asarray(part.weights.intercepts) + by_factor.sum(axis=0)
    return _Parts(utility, by_factor, by_column, peers[0])


def _effects(parts: _Parts, probability: Floats, mask: Flags) -> tuple[Floats, Flags]:
    """Return how far each factor moves each probability, and whether that counts, [factors, services]."""
    without = softmax(parts.utility - parts.by_factor, mask)
    changes = np.abs(probability - without)
    ranks = np.argsort(np.argsort(-without, axis=1, kind="stable"), axis=1)
    rank = np.argsort(np.argsort(-probability, kind="stable"))
    return changes, (changes >= LEAST_EFFECT) | (ranks != rank)


def _moving(changes: list[float], moved: list[bool], *, has_history: bool) -> tuple[Factor, ...]:
    """Return the factors that moved a service, strongest first.

    The history also decides whether a service is new to the customer or not, so it always has a say.
    """
    factors = [FACTORS[number] for number in _falling(changes) if moved[number]]
    if has_history and Factor.SERVICE_HISTORY not in factors:
        factors.append(Factor.SERVICE_HISTORY)
    return tuple(factors)


def _goals(spoken: list[float]) -> tuple[GoalTag, ...]:
    return tuple(GOALS[number] for number in _falling(spoken) if spoken[number] >= LEAST_SAY)


def _strongest(spoken: list[float], possible: list[bool]) -> str | None:
    speaking = [place for place in _falling(spoken) if possible[place] and spoken[place] > 0]
    return CANDIDATES[speaking[0]] if speaking else None


def _falling(values: list[float]) -> list[int]:
    """Return the places of the values, largest first; of equals the first."""
    return sorted(range(len(values)), key=values.__getitem__, reverse=True)


def _centred(values: Floats, mask: Flags) -> Floats:
    return values - values[:, mask].mean(axis=1, keepdims=True)


def _sums(columns: tuple[Factor, ...]) -> Floats:
    """Return the matrix, [factors, columns], that adds columns up by their factor."""
    return np.array([[float(column is factor) for column in columns] for factor in FACTORS])


_ITEM_SUMS = _sums(ITEM_FACTORS)
_CONTEXT_SUMS = {flag: _sums(context_factors(with_goals=flag)) for flag in (False, True)}
