"""Korean particles that follow the sound a word ends in."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

Josa: TypeAlias = Literal["은/는", "이/가", "을/를", "과/와", "으로/로"]
"""A pair of particles: the one after a final consonant, and the one after a vowel."""

_FIRST_SYLLABLE, _LAST_SYLLABLE, _FINALS = 0xAC00, 0xD7A3, 28
_RIEUL = 8  # the place of ㄹ among the finals
_NO_FINAL = 0

# How digits and Latin letters end when they are read aloud; those not named end in a vowel.
_FINAL_OF: Mapping[str, int] = MappingProxyType(
    {**dict.fromkeys("1378", _RIEUL), **dict.fromkeys("036", 1), **dict.fromkeys("lr", _RIEUL),
     **dict.fromkeys("mn", 1)}
)  # fmt: skip

_READ_SIGNS = "%"  # 퍼센트, which ends in a vowel
_BRACKETED = re.compile(r"\([^()]*\)\s*$")


def with_josa(word: str, josa: Josa) -> str:
    """Return the word followed by the particle that fits it.

    Closing quotes, and a remark in brackets at the end, are not read: 펄스(12회)를, '체중 감량'을. After ㄹ
    the direction is 로, as after a vowel.
    """
    after_consonant, after_vowel = josa.split("/")
    final = _final(word)
    closed = final != _NO_FINAL and not (josa == "으로/로" and final == _RIEUL)
    return word + (after_consonant if closed else after_vowel)


def _final(word: str) -> int:
    """Return the final consonant of the last sound as Unicode counts them, 0 for none."""
    spoken = [letter for letter in _BRACKETED.sub("", word) if letter.isalnum() or letter in _READ_SIGNS]
    if not spoken:
        return _NO_FINAL
    last = spoken[-1]
    if _FIRST_SYLLABLE <= ord(last) <= _LAST_SYLLABLE:
        return (ord(last) - _FIRST_SYLLABLE) % _FINALS
    return _FINAL_OF.get(last.lower(), _NO_FINAL)
