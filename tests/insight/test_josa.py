import pytest

from insight.recommend.josa import Josa, with_josa


@pytest.mark.parametrize(
    ("word", "josa", "expected"),
    [
        ("브레인", "은/는", "브레인은"),
        ("펄스", "은/는", "펄스는"),
        ("브레인", "이/가", "브레인이"),
        ("레드", "이/가", "레드가"),
        ("체중 감량", "을/를", "체중 감량을"),
        ("림프", "을/를", "림프를"),
        ("브레인", "과/와", "브레인과"),
        ("AI 바이크", "과/와", "AI 바이크와"),
    ],
)
def test_the_particle_follows_the_final_consonant(word: str, josa: Josa, expected: str) -> None:
    assert with_josa(word, josa) == expected


def test_the_direction_takes_ro_after_rieul_as_after_a_vowel() -> None:
    assert with_josa("서울", "으로/로") == "서울로"
    assert with_josa("레드", "으로/로") == "레드로"
    assert with_josa("만족", "으로/로") == "만족으로"


def test_quotes_and_a_remark_in_brackets_are_not_read() -> None:
    assert with_josa("'체중 감량'", "을/를") == "'체중 감량'을"
    assert with_josa("펄스(12회 이용)", "과/와") == "펄스(12회 이용)와"
    assert with_josa("4.7점(6회)", "으로/로") == "4.7점(6회)으로"


@pytest.mark.parametrize(
    ("number", "expected"),
    [("38%", "38%가"), ("3", "3이"), ("5", "5가"), ("7", "7이"), ("10", "10이"), ("2", "2가")],
)
def test_numbers_are_read_aloud(number: str, expected: str) -> None:
    assert with_josa(number, "이/가") == expected


def test_latin_letters_are_read_by_their_names() -> None:
    assert with_josa("VIP", "은/는") == "VIP는"
    assert with_josa("InBodyM", "이/가") == "InBodyM이"


def test_no_word_takes_the_particle_after_a_vowel() -> None:
    assert with_josa("", "을/를") == "를"
