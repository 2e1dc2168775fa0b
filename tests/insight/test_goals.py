from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight import METRIC_OF_GOAL, GoalTag, goal_tags

LABELS = {
    "S": GoalTag.STRESS_MANAGEMENT,
    "Z": GoalTag.SLEEP_QUALITY,
    "W": GoalTag.WEIGHT_LOSS,
    "M": GoalTag.MUSCLE_STRENGTH,
    "F": GoalTag.FOCUS,
    "P": GoalTag.PAIN_RELIEF,
    "E": GoalTag.ENERGY,
}


def labelled_phrases(name: str) -> list[tuple[str, set[GoalTag]]]:
    """Invented texts as customers write them on a form, each labelled by hand: labels, a tab, the text."""
    lines = (Path(__file__).parent / f"goal_phrases_{name}.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return [
        (text.replace(r"\n", "\n"), {LABELS[label] for label in labels.strip("-")}) for labels, text in rows
    ]


def f1(phrases: list[tuple[str, set[GoalTag]]]) -> float:
    hits = misses = inventions = 0
    for text, expected in phrases:
        found = set(goal_tags(text))
        hits += len(found & expected)
        misses += len(expected - found)
        inventions += len(found - expected)
    return 2 * hits / (2 * hits + misses + inventions)


def test_phrases_the_lexicon_was_never_mended_for_are_read_with_an_f1_above_90() -> None:
    """The last of four rounds, measured at .961; the lexicon is not to be mended by these.

    Each round was written without trying it and then, but for this one, used to mend the lexicon. At first
    sight the rounds reached .946 (119 phrases), .818 (80, meant to be hard), .890 (90) and .961 (62): pooled
    .907. One author wrote lexicon and phrases, so expect less of real customers.
    """
    phrases = labelled_phrases("unseen")
    assert len(phrases) == 62
    assert f1(phrases) >= 0.9


def test_phrases_the_lexicon_was_mended_for_stay_read() -> None:
    phrases = labelled_phrases("mended")
    assert len(phrases) == 289
    assert f1(phrases) >= 0.98  # measured .992


@pytest.mark.parametrize(
    ("text", "goals"),
    [
        ("에너지가 없어요", ("energy",)),
        ("에너지가 넘쳐요", ()),
        ("스트레스 없고", ()),
        ("스트레스 없는 생활", ("stress_management",)),
        ("통증은 없어요", ()),
        ("통증이 없었으면 좋겠어요", ("pain_relief",)),
        ("피로가 풀리지 않아요", ("energy",)),
        ("근력은 관심 없어요", ()),
    ],
)
def test_a_negation_is_read_by_what_it_negates(text: str, goals: tuple[str, ...]) -> None:
    assert goal_tags(text) == goals


def test_a_negation_ends_with_its_clause() -> None:
    assert goal_tags("스트레스 없고 허리가 아파요") == ("pain_relief",)


def test_things_named_together_share_their_negation() -> None:
    assert goal_tags("스트레스나 통증은 없어요") == ()


def test_spacing_width_and_decomposed_letters_make_no_difference() -> None:
    written = ("체중 감량", "체중감량", "체 중 감 량", normalize("NFD", "체중 감량"))
    assert {goal_tags(text) for text in written} == {("weight_loss",)}
    assert goal_tags("ＡＤＨＤ") == ("focus",)


def test_goals_come_once_each_in_the_order_they_are_named() -> None:
    assert goal_tags("수면 개선, 스트레스 해소, 그리고 숙면") == ("sleep_quality", "stress_management")


def test_words_that_only_contain_a_stem_are_no_goals() -> None:
    assert goal_tags("잠실 아파트에서 왔고 복부 집중 관리 받아요") == ()


def test_an_empty_text_has_no_goals() -> None:
    assert goal_tags("") == ()


def test_every_goal_names_the_metric_it_is_measured_by() -> None:
    assert set(METRIC_OF_GOAL) == set(GoalTag)


@given(st.text() | st.text(alphabet="통증없고 스트레스수면이안아파요,.싶지않\n"))
def test_any_text_is_read_without_an_error_and_names_no_goal_twice(text: str) -> None:
    goals = goal_tags(text)
    assert len(goals) == len(set(goals))
