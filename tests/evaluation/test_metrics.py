import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight.evaluation.metrics import (
    auc,
    brier,
    expected_calibration_error,
    hit_at,
    mean_absolute_error,
    mean_average_precision,
    ndcg_at,
    places_of,
    rank_correlation,
)

outcomes_and_scores = st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=2, max_size=40).filter(
    lambda pairs: len({happened for happened, _ in pairs}) == 2
)


def test_auc_counts_the_pairs_in_the_right_order() -> None:
    # pairs: (.9, .6) (.9, .2) (.4, .2) right, (.4, .6) wrong
    assert auc([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.2]) == 0.75


def test_a_tie_is_half_a_success() -> None:
    assert auc([1, 0, 0], [0.5, 0.5, 0.1]) == 0.75
    assert auc([1, 0], [0.5, 0.5]) == 0.5


@pytest.mark.parametrize("outcomes", [[1, 1], [0, 0], []])
def test_auc_says_nothing_where_all_are_alike(outcomes: list[int]) -> None:
    assert auc(outcomes, np.zeros(len(outcomes))) is None


@given(outcomes_and_scores)
def test_auc_is_the_share_of_pairs_of_any_outcomes_and_scores(pairs: list[tuple[bool, int]]) -> None:
    positive = [score for happened, score in pairs if happened]
    negative = [score for happened, score in pairs if not happened]
    wins = sum((one > other) + (one == other) / 2 for one in positive for other in negative)
    outcomes, scores = zip(*pairs, strict=True)
    assert auc(outcomes, scores) == pytest.approx(wins / (len(positive) * len(negative)))


@given(outcomes_and_scores)
def test_turning_the_scores_around_turns_auc_around(pairs: list[tuple[bool, int]]) -> None:
    outcomes, scores = (np.array(column) for column in zip(*pairs, strict=True))
    straight, turned = auc(outcomes, scores), auc(outcomes, -scores)
    assert straight is not None
    assert turned == pytest.approx(1 - straight)


def test_brier_is_the_mean_squared_difference() -> None:
    assert brier([1, 0], [0.8, 0.4]) == pytest.approx((0.04 + 0.16) / 2)
    assert brier([], []) is None


def test_calibration_error_weighs_the_bins_by_their_entries() -> None:
    # bin 0.1-0.2: mean .15 against 1/2; bin 0.9-1: .95 against 1
    outcomes, said = [0, 1, 1], [0.1, 0.199, 0.95]
    expected = 2 / 3 * (0.5 - 0.1495) + 1 / 3 * 0.05
    assert expected_calibration_error(outcomes, said) == pytest.approx(expected)


def test_certainty_falls_into_the_last_bin() -> None:
    assert expected_calibration_error([1, 0], [1.0, 0.95]) == pytest.approx(abs((1.95 - 1) / 2))


def test_who_is_right_on_average_in_each_bin_is_calibrated() -> None:
    assert expected_calibration_error([1, 0, 0, 0], [0.25] * 4) == 0
    assert expected_calibration_error([], []) is None


def test_absolute_error_is_a_mean_distance() -> None:
    assert mean_absolute_error([0, 3], [1.0, 1.0]) == 1.5


def test_a_place_counts_what_is_ranked_before_it_among_the_open_items() -> None:
    scores = [[0.4, 0.9, 0.3, 0.8], [0.4, 0.9, 0.3, 0.8]]
    mask = [[True, True, True, True], [True, False, True, True]]
    assert places_of(scores, [0, 0], mask).tolist() == [3, 2]


def test_a_tie_does_not_bring_an_item_to_the_first_place() -> None:
    assert places_of([[0.5, 0.5, 0.1]], [0], [[True] * 3]).tolist() == [2]
    assert places_of([[0.0] * 4], [2], [[True] * 4]).tolist() == [3]


def test_ranking_measures_by_hand() -> None:
    places = [1, 2, 4]
    assert hit_at(places, 1) == pytest.approx(1 / 3)
    assert ndcg_at(places, 3) == pytest.approx((1 + 1 / np.log2(3)) / 3)
    assert mean_average_precision(places) == pytest.approx((1 + 0.5 + 0.25) / 3)
    assert hit_at([], 1) is None


def test_rank_correlation_looks_at_the_order_only() -> None:
    assert rank_correlation([1, 2, 3], [1, 10, 1000]) == pytest.approx(1)
    assert rank_correlation([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    assert rank_correlation([1, 2, 3], [7, 7, 7]) is None
