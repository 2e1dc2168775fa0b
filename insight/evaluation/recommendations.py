"""Is the next new item found? A choice model against popularity and item-to-item, on any interactions."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from insight.evaluation.company import Company, batches, drawn
from insight.evaluation.interactions import (
    FirstUses,
    Flags,
    Floats,
    Interactions,
    Ints,
    leave_last_new_out,
)
from insight.evaluation.item_model import ItemModel, fit_items
from insight.evaluation.metrics import (
    expected_calibration_error,
    hit_at,
    mean_average_precision,
    ndcg_at,
    places_of,
)

_MOST_CELLS = 10_000_000  # of moments times items
_MOST_MOMENTS = 20_000
_LEAST_CHOICES = 2


class NothingToFind(ValueError):
    """Nobody used two items, or there is nothing to learn from."""

    def __init__(self) -> None:
        super().__init__(
            "a next item is found for users of two items at least, and learned from those of three"
        )


@dataclass(frozen=True, slots=True)
class RankingScores:
    """How good rankings of items were, all 0-1.

    Attributes:
        hit_at_1: The share with the right item first.
        ndcg_at_3: Normalised discounted cumulative gain of the first three.
        mean_average_precision: Mean of 1 / place of the right item.
        ece: How far the probability of the first item is from the share of times it was right.
    """

    hit_at_1: float | None
    ndcg_at_3: float | None
    mean_average_precision: float | None
    ece: float | None

    @classmethod
    def of(cls, places: Floats, first_chance: Floats, is_first_right: Flags) -> "RankingScores":
        """Measure rankings by the places of the right items, and what was said of the first ones."""
        return cls(
            hit_at_1=hit_at(places, 1),
            ndcg_at_3=ndcg_at(places, 3),
            mean_average_precision=mean_average_precision(places),
            ece=expected_calibration_error(is_first_right, first_chance),
        )


@dataclass(frozen=True, slots=True)
class RecommendationReport:
    """How well the last new item of users is found among all they had not used.

    Attributes:
        users: How many there are.
        items: How many there are.
        choices: From how many first uses the model learned.
        judged: For how many users the last new item was searched.
        scores: What the model is worth.
        baselines: What "popularity" and "item_to_item" are worth.
    """

    users: int
    items: int
    choices: int
    judged: int
    scores: RankingScores
    baselines: Mapping[str, RankingScores]


def evaluate_interactions(interactions: Interactions, rng: np.random.Generator) -> RecommendationReport:
    """Hide each user's last new item and everything after it, learn from the rest, and search it.

    Three rankings of the items that a user had not used: by how many users have them (popularity), by the
    cosine with the user's items (item-to-item), and by a masked multinomial logit of popularity and the
    company that items keep; where items are few, also of each item and each item already used. The scores of
    the two others are made probabilities by their share of the total.

    Args:
        interactions: Of all users.
        rng: Draws the choices to learn from and the users to judge by where there are more than 20,000, or
            fewer with more than 2,000 items.

    Raises:
        NothingToFind: Nobody used two items, or too few three.
    """
    left_out = leave_last_new_out(interactions)
    if not left_out.hidden.count or left_out.learnable.count < _LEAST_CHOICES:
        raise NothingToFind
    company = Company(left_out.seen)
    most = min(_MOST_MOMENTS, max(_MOST_CELLS // company.items, _LEAST_CHOICES))
    learned, judged = (drawn(moments, most, rng) for moments in (left_out.learnable, left_out.hidden))
    scores = _judge(company, fit_items(company, learned, rng), judged)
    return RecommendationReport(
        users=len(np.unique(interactions.user)),
        items=company.items,
        choices=learned.count,
        judged=judged.count,
        scores=scores.pop("model"),
        baselines=scores,
    )


def _judge(company: Company, model: ItemModel, judged: FirstUses) -> dict[str, RankingScores]:
    found: dict[str, list[tuple[Floats, Floats, Flags]]] = {}
    for moments in batches(judged, company.items):
        opened = company.opened(moments)
        for name, chances in _rankings(company, model, moments, opened).items():
            found.setdefault(name, []).append(_found(chances, moments.item, opened))
    return {
        name: RankingScores.of(*(np.concatenate(parts) for parts in zip(*seen, strict=True)))
        for name, seen in found.items()
    }


def _rankings(company: Company, model: ItemModel, moments: FirstUses, opened: Flags) -> Mapping[str, Floats]:
    popularity = company.popularity(moments)
    # items without any company of the user's are still in the order of their popularity
    item_to_item = company.cosine(moments) + 1e-9 * popularity
    return {
        "model": model.chances(company, moments, opened),
        "popularity": _shares(popularity, opened),
        "item_to_item": _shares(item_to_item, opened),
    }


def _shares(scores: Floats, mask: Flags) -> Floats:
    open_scores = np.where(mask, scores, 0.0)
    return open_scores / open_scores.sum(axis=1, keepdims=True)


def _found(chances: Floats, chosen: Ints, mask: Flags) -> tuple[Floats, Floats, Flags]:
    places = places_of(chances, chosen, mask)
    return places, chances.max(axis=1), places == 1
