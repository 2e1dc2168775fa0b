"""How satisfied a center's customers are: what one customer's ratings are measured against."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SatisfactionNorm:
    """Every rating of the center's completed sessions taken together; stored as the part `satisfaction`.

    Attributes:
        mean: Of all ratings, 1 to 5.
        ratings: How many there are, at least one.
        customers: How many customers gave them.
    """

    mean: float
    ratings: int
    customers: int
