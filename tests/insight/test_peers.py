import numpy as np
import pytest

from insight.recommend.peers import PeerEvents, count_peers, crossed_shares, peer_shares, repertoire_of

BRAIN, PULSE, LYMPH, RED, BIKE = range(5)
ALL_OPEN = np.ones((1, 5), dtype=np.bool_)


def choices_of(
    chosen: list[int], *, customers: list[int] | None = None, goals: int = 0, repertoire: int = 0
) -> PeerEvents:
    count = len(chosen)
    return PeerEvents(
        customer=np.array(customers if customers is not None else range(count), dtype=np.int64),
        goals=np.full(count, goals),
        repertoire=np.full(count, repertoire),
        chosen=np.array(chosen, dtype=np.int64),
    )


def shares_of(
    events: PeerEvents, *, goals: int = 0, repertoire: int = 0, with_goals: bool = True
) -> list[float]:
    cells = count_peers(events, with_goals=with_goals)
    return peer_shares(cells, np.array([goals]), np.array([repertoire]), ALL_OPEN)[0].tolist()


def test_a_large_cell_says_what_its_customers_chose() -> None:
    shares = shares_of(choices_of([BRAIN] * 3000 + [RED] * 1000))

    assert shares[BRAIN] == pytest.approx(0.75, abs=0.01)
    assert sum(shares) == pytest.approx(1)


def test_an_unseen_cell_falls_back_on_the_same_repertoire() -> None:
    events = choices_of([BIKE] * 500, goals=1, repertoire=3)

    assert shares_of(events, goals=64, repertoire=3)[BIKE] > 0.9


def test_nobody_at_all_leaves_all_services_alike() -> None:
    assert shares_of(choices_of([]), with_goals=False) == pytest.approx([0.2] * 5)


def test_a_frequent_visitor_has_one_vote_like_everybody() -> None:
    events = choices_of([RED] * 50 + [PULSE] * 2, customers=[0] * 50 + [1, 2])

    shares = shares_of(events)

    assert shares[PULSE] > shares[RED]


def test_closed_services_have_no_share() -> None:
    cells = count_peers(choices_of([BRAIN] * 30 + [RED] * 10), with_goals=True)
    mask = np.array([[False, True, True, True, True]])

    shares = peer_shares(cells, np.array([0]), np.array([0]), mask)[0]

    assert shares[BRAIN] == 0
    assert shares.sum() == pytest.approx(1)


def test_what_customers_chose_themselves_is_not_in_the_shares_they_learn_from() -> None:
    events = choices_of([BRAIN] + [RED] * 99)
    mask = np.ones((100, 5), dtype=np.bool_)
    of_another = crossed_shares(choices_of([PULSE] + [RED] * 99), mask, with_goals=True)

    shares = crossed_shares(events, mask, with_goals=True)

    assert shares[0].tolist() == of_another[0].tolist()


def test_without_health_data_goals_open_no_cells() -> None:
    events = choices_of([BRAIN] * 40, goals=5)

    assert count_peers(events, with_goals=False).by_goals == {}
    assert shares_of(events, goals=5, with_goals=False) == shares_of(events, goals=2, with_goals=False)


def test_the_repertoire_has_a_bit_for_each_service_used() -> None:
    assert repertoire_of(np.array([[3, 0, 0, 1, 0], [0, 0, 0, 0, 0]])).tolist() == [0b01001, 0]
