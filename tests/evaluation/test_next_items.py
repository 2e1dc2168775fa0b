import numpy as np
import pytest

from insight.evaluation import Interactions, NothingToFind, evaluate_interactions
from insight.evaluation.company import Company
from insight.evaluation.interactions import leave_last_new_out


def uses(*users_and_items: tuple[int, int], items: int = 5) -> Interactions:
    """Return uses in the order of time."""
    user, item = np.array(users_and_items).T
    return Interactions(user, item, np.arange(len(user), dtype=np.float64), items)


def tribes(users: int, items: int, tribes: int, seed: int = 0) -> Interactions:
    """Return users of tribes, who mostly use the items of their own."""
    rng = np.random.default_rng(seed)
    user = np.repeat(np.arange(users), 6)
    own = rng.random(len(user)) < 0.85
    item = np.where(
        own,
        rng.integers(0, items // tribes, len(user)) * tribes + user % tribes,
        rng.integers(0, items, len(user)),
    )
    return Interactions(user, item, np.arange(len(user), dtype=np.float64), items)


def test_the_last_new_item_and_all_after_it_are_hidden() -> None:
    left_out = leave_last_new_out(uses((0, 1), (0, 2), (0, 1), (0, 3), (0, 2), (0, 3)))
    assert left_out.hidden.item.tolist() == [3]
    assert left_out.seen.item.tolist() == [1, 2, 1]
    assert left_out.learnable.item.tolist() == [2]


def test_users_of_one_item_are_seen_whole_and_hide_nothing() -> None:
    left_out = leave_last_new_out(uses((0, 1), (0, 1), (1, 2), (1, 3)))
    assert left_out.hidden.user.tolist() == [1]
    assert left_out.seen.item.tolist() == [1, 1, 2]


def test_the_only_item_that_is_left_was_no_choice() -> None:
    left_out = leave_last_new_out(uses((0, 1), (0, 2), (0, 0), items=3))
    assert left_out.hidden.item.tolist() == [2]
    assert left_out.seen.item.tolist() == [1]


def test_time_orders_uses_and_the_file_those_of_one_moment() -> None:
    user, item = np.zeros(3, np.int64), np.array([1, 2, 3])
    assert leave_last_new_out(Interactions(user, item, np.array([5.0, 1, 2]), 5)).hidden.item.tolist() == [1]
    assert leave_last_new_out(Interactions(user, item, np.zeros(3), 5)).hidden.item.tolist() == [3]


def test_a_users_own_uses_do_not_count_for_the_company_of_items() -> None:
    # user 0 alone has both 0 and 1; user 1 has 0 and 2
    left_out = leave_last_new_out(uses((0, 0), (0, 1), (0, 3), (1, 0), (1, 2), (1, 4)))
    company = Company(left_out.seen)
    even, _, _ = company.company(left_out.learnable)
    of_user_0 = even[0]
    assert of_user_0[2] > of_user_0[1]
    assert of_user_0[1] == pytest.approx(of_user_0[3])


def test_what_is_said_of_items_adds_up_where_it_must() -> None:
    left_out = leave_last_new_out(tribes(50, 8, 2))
    company = Company(left_out.seen)
    opened = company.opened(left_out.hidden)
    assert opened[np.arange(left_out.hidden.count), left_out.hidden.item].all()
    assert (company.popularity(left_out.hidden) > 0).all()


@pytest.mark.parametrize(("items", "count"), [(24, 2), (60, 4)])
def test_the_model_beats_popularity_where_items_have_tribes_and_means_what_it_says(
    items: int, count: int
) -> None:
    report = evaluate_interactions(tribes(1500, items, count), np.random.default_rng(1))
    popularity = report.baselines["popularity"]
    model = report.scores
    assert model.hit_at_1 is not None
    assert popularity.hit_at_1 is not None
    assert model.hit_at_1 > popularity.hit_at_1 + 0.03
    assert model.mean_average_precision is not None
    assert popularity.mean_average_precision is not None
    assert model.mean_average_precision > popularity.mean_average_precision + 0.05
    assert model.ece is not None
    assert model.ece < 0.03
    assert set(report.baselines) == {"popularity", "item_to_item"}


def test_who_is_judged_and_how_many_items_there_are_is_said() -> None:
    report = evaluate_interactions(tribes(300, 12, 4), np.random.default_rng(1))
    assert (report.users, report.items) == (300, 12)
    assert 250 < report.judged <= 300


def test_users_of_one_item_leave_nothing_to_find() -> None:
    with pytest.raises(NothingToFind):
        evaluate_interactions(uses((0, 1), (1, 2), (2, 1)), np.random.default_rng(1))


def test_the_same_generator_gives_the_same_report() -> None:
    one, other = (evaluate_interactions(tribes(200, 40, 4), np.random.default_rng(3)) for _ in range(2))
    assert one == other
