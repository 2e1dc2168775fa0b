import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight import fractional_percentile, percentile_of, quantile_table

VALUES = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=300)


def exact_percentile(value: float, population: np.ndarray) -> float:
    less, equal = np.count_nonzero(population < value), np.count_nonzero(population == value)
    return 100 * (less + equal / 2) / population.size


def test_a_table_has_1001_quantiles_from_the_least_to_the_greatest() -> None:
    table = quantile_table([3, 1, 2])
    assert table.shape == (1001,)
    assert (table[0], table[-1]) == (1, 3)


@pytest.mark.parametrize("zeros", [0, 30_000, 99_000])
def test_a_percentile_is_within_a_tenth_of_the_exact_one(zeros: int) -> None:
    rng = np.random.default_rng(7)
    paid = np.round(rng.lognormal(13, 1, 100_000 - zeros), -4)
    population = np.concatenate([np.zeros(zeros), paid])
    table = quantile_table(population)
    probes = np.concatenate([rng.choice(population, 300), rng.lognormal(13, 1, 300), [0, population.max()]])
    worst = max(
        abs(fractional_percentile(v, table) - exact_percentile(v, population)) for v in probes.tolist()
    )
    assert worst <= 0.1


@given(VALUES, st.data())
def test_even_a_small_population_gives_the_exact_percentile_to_a_tenth(
    values: list[float], data: st.DataObject
) -> None:
    value = data.draw(st.sampled_from(values))
    exact = exact_percentile(value, np.array(values))
    assert fractional_percentile(value, quantile_table(values)) == pytest.approx(exact, abs=0.1)


@given(VALUES, st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_a_percentile_never_falls_as_the_value_rises_and_stays_within_0_and_100(
    values: list[float], one: float, other: float
) -> None:
    table = quantile_table(values)
    lower, higher = (fractional_percentile(value, table) for value in sorted((one, other)))
    assert 0 <= lower <= higher <= 100


def test_the_many_with_nothing_share_the_middle_of_their_place() -> None:
    table = quantile_table([0] * 60 + list(range(1, 41)))
    assert percentile_of(0, table) == 30
    assert percentile_of(40, table) == 100
    assert percentile_of(-1, table) == 0
    assert percentile_of(41, table) == 100


def test_a_population_of_equals_stands_in_the_middle() -> None:
    assert percentile_of(5, quantile_table([5])) == 50


@pytest.mark.parametrize("values", [[], [1.0, float("nan")], [float("inf")]])
def test_an_empty_or_infinite_population_is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="at least one value"):
        quantile_table(values)
