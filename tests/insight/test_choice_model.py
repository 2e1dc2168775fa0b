from dataclasses import replace

import numpy as np
import pytest

from insight.recommend.choice_model import (
    ChoiceEvents,
    ChoiceModel,
    fit_choice_model,
    probabilities,
)

TRUTH = ChoiceModel((0.4, 0.0, -0.4), (1.5, -0.8), ((0.9, -0.9, 0.0),))


def drawn_events(count: int) -> ChoiceEvents:
    rng = np.random.default_rng(11)
    features, context = rng.standard_normal((count, 3, 2)), rng.standard_normal((count, 1))
    mask = rng.random((count, 3)) < 0.8
    mask[:, 0] |= ~mask.any(axis=1)
    steps = probabilities(TRUTH, features, mask, context).cumsum(axis=1)
    chosen = (rng.random((count, 1)) * steps[:, -1:] > steps).sum(axis=1)
    return ChoiceEvents(features, mask, chosen, context)


def test_the_weights_that_made_the_choices_are_found_again() -> None:
    model = fit_choice_model(drawn_events(20_000))
    differences = np.array(model.context_weights[0]) - np.array(model.context_weights[0]).mean()

    assert model.item_weights == pytest.approx(TRUTH.item_weights, abs=0.06)
    assert differences == pytest.approx(TRUTH.context_weights[0], abs=0.06)
    assert model.intercepts == pytest.approx(TRUTH.intercepts, abs=0.06)


def test_a_closed_item_is_never_chosen_and_the_open_ones_share_everything() -> None:
    mask = np.array([[True, False, True], [False, True, False], [False, False, False]])

    found = probabilities(TRUTH, np.ones((3, 3, 2)), mask, np.ones((3, 1)))

    assert (found[~mask] == 0).all()
    assert found.sum(axis=1) == pytest.approx([1, 1, 0])


def test_fitted_probabilities_agree_with_the_shares_of_the_choices() -> None:
    events = drawn_events(5_000)
    model = fit_choice_model(events)

    found = probabilities(model, events.features, events.mask, events.context)

    assert found.sum(axis=0) == pytest.approx(np.bincount(events.chosen, minlength=3), abs=3)


def test_an_event_of_weight_two_counts_as_two_events() -> None:
    events = drawn_events(400)
    twice = np.repeat(np.arange(400), 2)
    doubled = ChoiceEvents(
        events.features[twice],
        events.mask[twice],
        events.chosen[twice],
        None if events.context is None else events.context[twice],
    )

    weighted = fit_choice_model(replace(events, weights=np.full(400, 2.0)))

    assert weighted.item_weights == pytest.approx(fit_choice_model(doubled).item_weights, abs=1e-3)


def test_an_item_that_nobody_chose_and_an_empty_column_keep_finite_weights() -> None:
    features = np.zeros((50, 3, 1))
    model = fit_choice_model(ChoiceEvents(features, np.ones((50, 3), bool), np.arange(50) % 2))

    assert model.item_weights == (0.0,)
    assert -10 < model.intercepts[2] < min(model.intercepts[:2])


def test_a_choice_of_a_closed_item_is_refused() -> None:
    with pytest.raises(ValueError, match="closes"):
        ChoiceEvents(np.zeros((1, 2, 1)), np.array([[True, False]]), np.array([1]))


def test_no_events_teach_nothing() -> None:
    with pytest.raises(ValueError, match="at least one event"):
        fit_choice_model(ChoiceEvents(np.zeros((0, 2, 1)), np.zeros((0, 2), bool), np.zeros(0, int)))
