"""What similar customers chose next: smoothed shares of cells of customers.

A cell holds the customers with the same goals and the same services used so far (the repertoire); where
health data has no say, those with the same repertoire. Every customer has one vote in a cell, split among the
choices they made there, so that no customer's own taste passes for what peers do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from insight.recommend.service_log import CANDIDATES

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.integer[Any]]
Flags: TypeAlias = NDArray[np.bool_]

_PARENT_VOTES = 20.0  # how many votes the coarser cell weighs in a finer one
_FOLDS = 5
_NO_VOTES = (0.0,) * len(CANDIDATES)


@dataclass(frozen=True, slots=True)
class PeerCells:
    """Votes for each service of `CANDIDATES`.

    Attributes:
        everyone: Of all customers.
        by_repertoire: By the services used so far, as bits.
        by_goals: By goals and repertoire (see `cell_of`); empty where health data has no say.
    """

    everyone: tuple[float, ...]
    by_repertoire: Mapping[int, tuple[float, ...]]
    by_goals: Mapping[int, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class PeerEvents:
    """Choices by customers in cells, an entry each; `goals` are all 0 where health data has no say."""

    customer: Ints
    goals: Ints
    repertoire: Ints
    chosen: Ints

    def where(self, kept: Flags) -> "PeerEvents":
        """Return the events whose flag is up."""
        return PeerEvents(self.customer[kept], self.goals[kept], self.repertoire[kept], self.chosen[kept])


def repertoire_of(counts: Ints) -> Ints:
    """Return the services that were used at all as bits, from sessions by service, [n, services]."""
    return (counts > 0) @ (1 << np.arange(len(CANDIDATES)))


def cell_of(goals: Ints, repertoire: Ints) -> Ints:
    """Return the number of the cell of these goals (`goal_bits`) and this repertoire."""
    return (goals << len(CANDIDATES)) | repertoire


def count_peers(events: PeerEvents, *, with_goals: bool) -> PeerCells:
    """Count the votes of each cell."""
    together = (events.customer.astype(np.int64) << len(CANDIDATES)) | events.repertoire
    _, cell, sizes = np.unique(together, return_inverse=True, return_counts=True)
    votes = 1 / sizes[cell]
    return PeerCells(
        everyone=tuple(np.bincount(events.chosen, votes, len(CANDIDATES)).tolist()),
        by_repertoire=_votes_by(events.repertoire, events.chosen, votes),
        by_goals=_votes_by(cell_of(events.goals, events.repertoire), events.chosen, votes)
        if with_goals
        else {},
    )


def peer_shares(cells: PeerCells, goals: Ints, repertoire: Ints, mask: Flags) -> Floats:
    """Return the shares of the open services among what peers chose next, [n, services]; 0 where closed.

    (votes + 20 * share in the coarser cell) / (all votes + 20), from all customers to the same repertoire to
    the same repertoire and goals.
    """
    everyone = np.where(mask, np.asarray(cells.everyone) + 1, 0)
    shares = everyone / np.maximum(everyone.sum(axis=1, keepdims=True), 1)
    shares = _refined(shares, _looked_up(cells.by_repertoire, repertoire), mask)
    if cells.by_goals:
        shares = _refined(shares, _looked_up(cells.by_goals, cell_of(goals, repertoire)), mask)
    return shares


def crossed_shares(events: PeerEvents, mask: Flags, *, with_goals: bool) -> Floats:
    """Return `peer_shares` for the events themselves, each from the votes of other customers only.

    Customers are dealt into five folds; each fold sees the votes of the other four. Were a customer's own
    vote in the share, a model trained on it would trust peers too much.
    """
    shares = np.zeros(mask.shape)
    fold = events.customer % _FOLDS
    for number in range(_FOLDS):
        here = fold == number
        cells = count_peers(events.where(~here), with_goals=with_goals)
        shares[here] = peer_shares(cells, events.goals[here], events.repertoire[here], mask[here])
    return shares


def _refined(coarse: Floats, votes: Floats, mask: Flags) -> Floats:
    open_votes = np.where(mask, votes, 0)
    return (open_votes + _PARENT_VOTES * coarse) / (open_votes.sum(axis=1, keepdims=True) + _PARENT_VOTES)


def _votes_by(cell: Ints, chosen: Ints, votes: Floats) -> dict[int, tuple[float, ...]]:
    cells, place = np.unique(cell, return_inverse=True)
    size = len(CANDIDATES)
    table = np.bincount(place * size + chosen, votes, len(cells) * size).reshape(-1, size)
    return dict(zip(cells.tolist(), (tuple(row) for row in table.round(6).tolist()), strict=True))


def _looked_up(votes: Mapping[int, tuple[float, ...]], cell: Ints) -> Floats:
    return np.array([votes.get(number, _NO_VOTES) for number in cell.tolist()])
