"""A choice model of any items: their popularity, the company they keep and, of few items, each by itself."""

from dataclasses import dataclass

import numpy as np

from insight.evaluation.company import Company, batches
from insight.evaluation.interactions import FirstUses, Flags, Floats
from insight.recommend.choice_model import ChoiceEvents, ChoiceModel, fit_choice_model, probabilities

_FEW_ITEMS = 30  # so many that each may speak for each
_ALTERNATIVES = 30

# against overconfidence: of 1, 10, 30 and 100 the best for 5 to 24 items and 400 to 10,000 users
_PENALTY_OF_ITEMS = 30.0


@dataclass(frozen=True, slots=True)
class ItemModel:
    """A fitted choice model.

    Attributes:
        weights: One an item column; with few items also intercepts, and a row for each item used.
        has_few_items: Whether the items themselves have a say.
    """

    weights: ChoiceModel
    has_few_items: bool

    def chances(self, company: Company, moments: FirstUses, opened: Flags) -> Floats:
        """Return how probable each open item is as the one that is chosen, [moments, items]."""
        context = (~opened).astype(np.float64) if self.has_few_items else None
        return probabilities(self.weights, _features(company, moments), opened, context)


def fit_items(company: Company, moments: FirstUses, rng: np.random.Generator) -> ItemModel:
    """Fit to choices: with few items to whole ones, else to the chosen item among some others.

    Some, drawn with equal chances, lead to the same weights (McFadden 1978) with far less work. Intercepts
    belong to random places then, and only the weights of columns are kept.
    """
    if company.items <= _FEW_ITEMS:
        opened = company.opened(moments)
        context = (~opened).astype(np.float64)
        whole = ChoiceEvents(_features(company, moments), opened, moments.item, context)
        return ItemModel(fit_choice_model(whole, _PENALTY_OF_ITEMS), has_few_items=True)
    parts = [_among_some(company, part, rng) for part in batches(moments, company.items)]
    some = ChoiceEvents(
        features=np.concatenate([part.features for part in parts]),
        mask=np.concatenate([part.mask for part in parts]),
        chosen=np.concatenate([part.chosen for part in parts]),
    )
    weights = fit_choice_model(some).item_weights
    return ItemModel(ChoiceModel((0.0,) * company.items, weights), has_few_items=False)


def _features(company: Company, moments: FirstUses) -> Floats:
    """Return the item columns, [moments, items, columns]."""
    shares = [company.popularity(moments), *company.company(moments)]
    return np.stack([*np.log(shares), company.lift(moments)], axis=2)


def _among_some(company: Company, moments: FirstUses, rng: np.random.Generator) -> ChoiceEvents:
    """Return the choices among the chosen item and random others, in random places."""
    opened = company.opened(moments)
    rows = np.arange(moments.count)
    lot = np.where(opened, rng.random(opened.shape), 2.0)
    lot[rows, moments.item] = -1.0
    some = np.argpartition(lot, _ALTERNATIVES, axis=1)[:, :_ALTERNATIVES]
    some = rng.permuted(some, axis=1)
    return ChoiceEvents(
        features=_features(company, moments)[rows[:, None], some],
        mask=opened[rows[:, None], some],
        chosen=np.argmax(some == moments.item[:, None], axis=1),
    )
