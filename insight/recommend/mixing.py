"""Choose a few recommendations of several kinds, and say what moved them."""

from collections.abc import Iterable, Sequence

from insight.recommend.records import Factor, Recommendation, RecommendationKind
from insight.recommend.subjects import kind_of

_SCHEDULES = 1  # the most a customer gets


def mixed(recommendations: Sequence[Recommendation], count: int) -> tuple[Recommendation, ...]:
    """Choose `count` of several kinds: a service, a package, a schedule, and again from the service on.

    A kind that has no more is passed over, so that the others fill its places; there is one schedule at most.

    Args:
        recommendations: Each kind in the order of its rank; the kinds may stand in any order.
        count: The most that are chosen.
    """
    ranked = {
        kind: [item for item in recommendations if kind_of(item) is kind] for kind in RecommendationKind
    }
    ranked[RecommendationKind.SCHEDULE] = ranked[RecommendationKind.SCHEDULE][:_SCHEDULES]
    rounds = max(len(of_a_kind) for of_a_kind in ranked.values())
    in_turn = [
        of_a_kind[place] for place in range(rounds) for of_a_kind in ranked.values() if place < len(of_a_kind)
    ]
    return tuple(in_turn[:count])


def factors_considered(chosen: Iterable[Recommendation]) -> tuple[Factor, ...]:
    """Return the factors that moved any of the chosen ones, in the order of `Factor`."""
    moved = {factor for recommendation in chosen for factor in recommendation.factors}
    return tuple(factor for factor in Factor if factor in moved)
