"""Invented people: names, phones and addresses that belong to nobody.

Phones are 010-0xxx-xxxx and 010-1xxx-xxxx, which are not given to subscribers; addresses name streets that do
not exist; e-mail ends in the domains kept for examples.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from db.demo import phrases
from db.demo.arrays import Flags, Ints, Rng, Words, joined, pick, words
from db.demo.profiles import Profiles
from db.demo.services import GOALS

GENDERS = ("female", "male", "여", "남", "")
"""Genders as they stand in the rows, two of them and the empty one as the old screens wrote them."""

_PHONES = 20_000_000
_PHONE_STEP = 7_368_787  # shares no factor with the number of phones, so no phone comes twice
_FEMALE = 0.6
_DOMAINS = words(["@example.com", "@example.net", "@example.org", "@center.example"])
_SEPARATORS = words([", ", " / ", " 그리고 "])


@dataclass(frozen=True, slots=True)
class People:
    """What the center wrote down about its customers; a negative position or a set flag means nothing."""

    name: Words
    phone: Words
    no_phone: Flags
    email: Words
    no_email: Flags
    gender: Ints
    birth_year: Ints
    region: Ints
    address: Words
    emergency: Words
    occupation: Ints
    referral: Ints
    concern: Ints
    note: Ints
    goals: Words
    no_goals: Flags


def draw_people(ids: Ints, profiles: Profiles, year: int, rng: Rng) -> People:
    """Draw what the center knows of the customers with these ids, in this year."""
    count = len(ids)
    female = rng.random(count) < _FEMALE
    name, romanised = _names(female, rng)
    region = pick(rng, list(phrases.REGIONS.values()), count)
    phone, no_phone = _phones(ids, rng)
    goals, no_goals = _goal_texts(profiles.goals, rng)
    return People(
        name=name,
        phone=phone,
        no_phone=no_phone,
        email=joined(romanised, ids.astype(np.bytes_), _DOMAINS[pick(rng, [70, 14, 14, 2], count)]),
        no_email=rng.random(count) < 0.2,  # noqa: PLR2004 - a share
        gender=_genders(female, rng),
        birth_year=(year - np.clip(rng.normal(45, 12, count), 19, 82)).astype(np.int32),
        region=region,
        address=_addresses(region, rng),
        emergency=_number(ids * 13 + 5_000_011),
        occupation=_some(rng, phrases.OCCUPATIONS, 0.9, count),
        referral=_some(rng, phrases.REFERRALS, 0.85, count),
        concern=_some(rng, dict.fromkeys(phrases.CONCERNS, 1), 0.5, count),
        note=_some(rng, dict.fromkeys(phrases.CUSTOMER_NOTES, 1), 0.25, count),
        goals=goals,
        no_goals=no_goals,
    )


def _names(female: Flags, rng: Rng) -> tuple[Words, Words]:
    """Return names, and the same in Latin letters for the e-mail."""
    count = len(female)
    romanised_surnames = [latin for latin, _ in phrases.SURNAMES.values()]
    surname = pick(rng, [share for _, share in phrases.SURNAMES.values()], count)
    hangul, latin = (
        [words(list(phrases.SURNAMES))[surname]],
        [words(romanised_surnames)[surname], words(["."])],
    )
    for women, men in zip(phrases.FEMALE_SYLLABLES, phrases.MALE_SYLLABLES, strict=True):
        syllable = np.where(
            female, rng.integers(0, len(women), count), len(women) + rng.integers(0, len(men), count)
        )
        hangul.append(words([*women, *men])[syllable])
        latin.append(words([*women.values(), *men.values()])[syllable])
    return joined(*hangul), joined(*latin)


def _phones(ids: Ints, rng: Rng) -> tuple[Words, Flags]:
    phone = _number(ids)
    kind = pick(rng, [0.955, 0.025, 0.01, 0.01], len(ids))
    phone = np.where(kind == 1, np.strings.replace(phone, b"-", b""), phone)
    phone[kind == 2] = b""  # noqa: PLR2004 - the old screens write an empty string for no phone
    return phone, kind == 3  # noqa: PLR2004


def _number(ids: Ints) -> Words:
    number = (ids.astype(np.int64) * _PHONE_STEP) % _PHONES
    digits = (100_000_000 + number).astype(np.bytes_)  # "1" and eight digits that begin with 0 or 1
    letters = digits.view(np.uint8).reshape(len(ids), -1)
    phone = np.empty((len(ids), 13), dtype=np.uint8)
    phone[:] = np.frombuffer(b"010-....-....", dtype=np.uint8)
    phone[:, 4:8], phone[:, 9:13] = letters[:, 1:5], letters[:, 5:9]
    return phone.view("S13").reshape(len(ids))


def _genders(female: Flags, rng: Rng) -> Ints:
    spelling = pick(rng, [0.93, 0.04, 0.015, 0.015], len(female))
    code = np.where(female, 0, 1)
    options = np.stack([code, code + 2, np.full_like(code, 4), np.full_like(code, -1)])
    return options[spelling, np.arange(len(female))].astype(np.int32)


def _addresses(region: Ints, rng: Rng) -> Words:
    count = len(region)
    full = [
        name.replace("서울", "서울시").replace("경기", "경기도").replace("인천", "인천시")
        for name in phrases.REGIONS
    ]
    street = words(list(phrases.STREETS))[rng.integers(0, len(phrases.STREETS), count)]
    house, flat = (
        rng.integers(1, 180, count).astype(np.bytes_),
        rng.integers(101, 1900, count).astype(np.bytes_),
    )
    return joined(words(full)[region], b" ", street, b" ", house, b", ", flat, "호".encode())


def _goal_texts(goals: Flags, rng: Rng) -> tuple[Words, Flags]:
    """Return the goals in the customers' own words."""
    count = len(goals)
    separator = _SEPARATORS[pick(rng, [80, 12, 8], count)]
    whole = np.full(count, b"", dtype=np.bytes_)
    for goal in range(len(GOALS)):
        options = words(list(phrases.GOAL_WORDS[goal]))
        chosen = options[rng.integers(0, len(options), count)]
        longer = joined(whole, np.where(whole == b"", b"", separator), chosen)
        whole = np.where(goals[:, goal], longer, whole)
    return whole, rng.random(count) < 0.12  # noqa: PLR2004 - a share


def _some(rng: Rng, options: Mapping[str, float], share: float, count: int) -> Ints:
    shares: Sequence[float] = list(options.values())
    return np.where(rng.random(count) < share, pick(rng, list(shares), count), -1).astype(np.int32)
