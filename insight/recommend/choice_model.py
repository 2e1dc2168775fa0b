"""A masked multinomial logit: which of the items that are open to somebody they will choose.

It knows nothing of services or customers. The utility of item i in event n is

    intercept_i + features[n, i] . item_weights + context[n] . context_weights[:, i]

and the probability of i is the softmax of the utilities over the items of the event's mask (McFadden 1974,
conditional logit). `features` describe an item as this event sees it, `context` describes the event itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray
from scipy import optimize  # pyright: ignore[reportMissingTypeStubs]

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Ints: TypeAlias = NDArray[np.integer[Any]]

_MOST_ITERATIONS = 200
_GOOD_ENOUGH = 1e-4  # of the gradient, per event
_NO_GAIN = 1e-8  # relative
_BLOCK = 250_000  # multiplications of one matrix product


@dataclass(frozen=True, slots=True)
class ChoiceModel:
    """Fitted weights.

    Attributes:
        intercepts: One an item.
        item_weights: One a feature, the same for every item.
        context_weights: A row a context column, with one weight an item; empty without context.
    """

    intercepts: tuple[float, ...]
    item_weights: tuple[float, ...]
    context_weights: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class ChoiceEvents:
    """Choices that were made.

    Attributes:
        features: [events, items, features].
        mask: [events, items], true for the items that could be chosen.
        chosen: [events], the position of the item that was chosen; it must be open.
        context: [events, columns], none by default.
        weights: [events], how much each counts; 1 by default.
    """

    features: Floats
    mask: Flags
    chosen: Ints
    context: Floats | None = None
    weights: Floats | None = None

    def __post_init__(self) -> None:
        rows = np.arange(len(self.chosen))
        if not self.mask[rows, self.chosen].all():
            raise ValueError("an event chose an item that its mask closes")


def fit_choice_model(events: ChoiceEvents, l2: float = 1.0) -> ChoiceModel:
    """Fit by penalised maximum likelihood: log-likelihood - l2 / 2 * the squared length of all weights.

    The penalty keeps the weight of an item that nobody chose, or of a column that is always 0, finite. Of the
    intercepts it counts those at the mean context.

    Raises:
        ValueError: When there are no events.
    """
    if not len(events.chosen):
        raise ValueError("a choice model needs at least one event")
    objective = _Objective(events, l2)
    minimize = cast("Callable[..., Any]", optimize.minimize)  # pyright: ignore[reportUnknownMemberType]
    found = minimize(
        objective,
        np.zeros(objective.size),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": _MOST_ITERATIONS, "gtol": _GOOD_ENOUGH, "ftol": _NO_GAIN},
    )
    return objective.model(np.asarray(found.x, dtype=np.float64))


def utilities(model: ChoiceModel, features: Floats, context: Floats | None = None) -> Floats:
    """Return the utilities, [events, items], of every item, open or not."""
    whole = np.asarray(model.intercepts) + features @ np.asarray(model.item_weights)
    return whole if context is None else whole + context @ np.asarray(model.context_weights)


def probabilities(model: ChoiceModel, features: Floats, mask: Flags, context: Floats | None = None) -> Floats:
    """Return how probable each item's choice is, [events, items]; 0 where the mask closes an item."""
    return softmax(utilities(model, features, context), mask)


def softmax(utility: Floats, mask: Flags) -> Floats:
    """Return the softmax over the open items of each row; a row that is closed throughout is all 0."""
    lowered = np.where(mask, utility, -np.inf)
    highest = lowered.max(axis=-1, keepdims=True)
    raised = np.exp(lowered - np.where(np.isfinite(highest), highest, 0.0))
    total = raised.sum(axis=-1, keepdims=True)
    return raised / np.where(total > 0, total, 1.0)


@dataclass(frozen=True, slots=True)
class _Block:
    """Some of the events, which lie along the last axis: over the few items sums are many times faster so.

    `features` are [columns, items * events], `context` [columns, events], `bar` is -infinity where an item is
    closed and else 0.
    """

    features: Floats
    context: Floats
    bar: Floats
    chosen: tuple[Ints, Ints]
    weights: Floats


class _Objective:
    """The penalised negative log-likelihood per unit of weight, with its gradient.

    It is minimised in weights of columns that are centred and scaled, which takes a third of the steps; the
    penalty is that of the weights as they are handed out. Blocks stay in the cache, and below the size from
    which BLAS starts threads, which cost more on such narrow matrices than they save.
    """

    def __init__(self, events: ChoiceEvents, l2: float) -> None:
        count, self._items, columns = events.features.shape
        context = np.zeros((count, 0)) if events.context is None else events.context
        self._feature_scale = _spread(events.features.reshape(-1, columns))
        self._context_scale = _spread(context)
        self._context_mean = context.mean(axis=0)
        length = max(1, _BLOCK // (self._items * max(columns, context.shape[1], 1)))
        self._blocks = [
            self._block(events, context, slice(start, start + length)) for start in range(0, count, length)
        ]
        self._total = float(sum(block.weights.sum() for block in self._blocks))
        scales = (np.ones(self._items), self._feature_scale, np.repeat(self._context_scale, self._items))
        self._penalty = l2 / np.concatenate(scales) ** 2

    @property
    def size(self) -> int:
        """How many weights there are."""
        return len(self._penalty)

    def __call__(self, weights: Floats) -> tuple[float, Floats]:
        parts = self._split(weights)
        value = float(self._penalty @ weights**2) / 2
        slope = self._penalty * weights
        for block in self._blocks:
            likelihood, excess = _excess(block, *parts)
            value -= likelihood
            slope += np.concatenate(
                [
                    excess.sum(axis=1),
                    np.einsum("fn,n->f", block.features, excess.reshape(-1)),
                    (block.context @ excess.T).reshape(-1),
                ]
            )
        return value / self._total, slope / self._total

    def model(self, weights: Floats) -> ChoiceModel:
        """Return the weights of the columns as they were given."""
        intercepts, item_weights, context_weights = self._split(weights)
        context_weights = context_weights / self._context_scale[:, None]
        return ChoiceModel(
            tuple((intercepts - self._context_mean @ context_weights).tolist()),
            tuple((item_weights / self._feature_scale).tolist()),
            tuple(tuple(row) for row in context_weights.tolist()),
        )

    def _block(self, events: ChoiceEvents, context: Floats, rows: slice) -> _Block:
        features = events.features[rows] / self._feature_scale
        chosen = events.chosen[rows]
        return _Block(
            features=features.transpose(2, 1, 0).reshape(len(self._feature_scale), -1),
            context=np.ascontiguousarray(((context[rows] - self._context_mean) / self._context_scale).T),
            bar=np.where(events.mask[rows].T, 0.0, -np.inf),
            chosen=(chosen, np.arange(len(chosen))),
            weights=np.ones(len(chosen)) if events.weights is None else events.weights[rows],
        )

    def _split(self, weights: Floats) -> tuple[Floats, Floats, Floats]:
        behind = self._items + len(self._feature_scale)
        return (
            weights[: self._items],
            weights[self._items : behind],
            weights[behind:].reshape(-1, self._items),
        )


def _excess(
    block: _Block, intercepts: Floats, item_weights: Floats, context_weights: Floats
) -> tuple[float, Floats]:
    """Return the log-likelihood, and how far each probability is from what was chosen, [items, events]."""
    utility = block.bar + intercepts[:, None]
    utility += np.einsum("f,fn->n", item_weights, block.features).reshape(utility.shape)
    utility += context_weights.T @ block.context
    utility -= utility.max(axis=0)
    own_utility = utility[block.chosen]
    probability = np.exp(utility, out=utility)
    total = probability.sum(axis=0)
    probability /= total
    probability[block.chosen] -= 1.0
    probability *= block.weights
    return float(block.weights @ (own_utility - np.log(total))), probability


def _spread(columns: Floats) -> Floats:
    """Return the standard deviation of each column, 1 for one that never changes."""
    spread = columns.std(axis=0)
    return np.where(spread > 0, spread, 1.0)
