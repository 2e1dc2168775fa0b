"""How probable it is that chance alone gives a count as telling as the one seen."""

from scipy.special import bdtr, bdtrc  # pyright: ignore[reportMissingTypeStubs]


def tail_probability(count: int, total: int, chance: float) -> float:
    """Return the probability of `count` or more hits in `total` tries (one-sided binomial), `count` >= 1."""
    return float(bdtrc(count - 1, total, chance))


def split_probability(one: int, other: int) -> float:
    """Return the probability of a split at least as uneven between two equal sides (two-sided binomial)."""
    return min(1.0, 2 * float(bdtr(min(one, other), one + other, 0.5)))
