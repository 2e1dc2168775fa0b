"""Health goals read out of Korean free text.

A lexicon and no tokenizer. Every stem found in the text is a mention; it counts as a goal until the words
behind it, up to the next mention or the end of the clause, say otherwise. The first telling word decides.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from unicodedata import normalize

from insight.goal_stems import NOT_A_GOAL, STEMS, GoalTag, Kind
from insight.goal_verdicts import EVEN_SO, TURNED_DOWN, UNWANTED, WANTED

METRIC_OF_GOAL: Mapping[str, str] = MappingProxyType(
    {
        GoalTag.STRESS_MANAGEMENT: "stress_level",
        GoalTag.SLEEP_QUALITY: "sleep_quality",
        GoalTag.WEIGHT_LOSS: "weight",
        GoalTag.MUSCLE_STRENGTH: "muscle_mass",
        GoalTag.FOCUS: "focus_level",
        GoalTag.PAIN_RELIEF: "pain_level",
        GoalTag.ENERGY: "energy_level",
    }
)
"""The metric that each goal is measured by."""

# How many letters a verdict may stand behind its mention; it keeps the reading of a long list linear.
_REACH = 80

_CLAUSE_END = re.compile(r"[,.;!?|]")

# Between two mentions that share what follows: 어깨와 허리가 ..., 스트레스도, 통증도 ...
_JOINED = re.compile(
    r"(?:[이가은는도을를의]|[와과/·&+]|이?나|이?랑|하고|및|또는|혹은|도,|하?거나|하?지도)?"
    r"(?:많이|자주|너무|좀|조금|항상|늘|별로|전혀|거의|크게|더|약간|이제|요즘|지금)*"
)


def goal_tags(text: str) -> tuple[GoalTag, ...]:
    """Return the goals that a free text names, each once, in the order of their first mention.

    Reads wishes ("수면 개선"), complaints ("허리가 아파요", "에너지가 없어요") and denials ("스트레스 없고"
    names none). An empty text, or one about something else, has no goals.
    """
    compact = _compact(text)
    mentions = [found for found in _MENTION.finditer(compact) if found.lastgroup in _MEANINGS]
    scope_end = next_start = len(compact)
    goals: list[GoalTag] = []
    for mention in reversed(mentions):
        between = compact[mention.end() : next_start]
        if next_start == len(compact) or not _JOINED.fullmatch(between):
            end_of_clause = _CLAUSE_END.search(between)
            scope_end = mention.end() + end_of_clause.start() if end_of_clause else next_start
        goal, kind = _MEANINGS[str(mention.lastgroup)]
        if _is_wanted(compact, mention.start(), scope_end, kind):
            goals.append(goal)
        next_start = mention.start()
    return tuple(dict.fromkeys(reversed(goals)))


def _compact(text: str) -> str:
    """Return the text in one spelling of every letter and without spaces; a line's end ends a clause."""
    return re.sub(r"\s+", "", re.sub(r"[\r\n]+", ".", normalize("NFKC", text))).lower()


def _is_wanted(compact: str, start: int, end: int, kind: Kind) -> bool:
    verdict = _VERDICTS[kind].search(compact, start, min(end, start + _REACH))
    return verdict is None or verdict.lastgroup != "unwanted"


def _either(patterns: Iterable[str]) -> str:
    return "|".join(patterns)


_MEANINGS: Mapping[str, tuple[GoalTag, Kind]] = {
    f"{kind}_{goal}": (goal, kind) for kind, stems in STEMS.items() for goal in stems
}
_MENTION = re.compile(
    _either(
        (
            f"(?P<not_a_goal>{_either(NOT_A_GOAL)})",
            *(f"(?P<{name}>{_either(STEMS[kind][goal])})" for name, (goal, kind) in _MEANINGS.items()),
        )
    )
)
_VERDICTS: Mapping[Kind, re.Pattern[str]] = {
    kind: re.compile(
        f"(?P<even_so>{_either(EVEN_SO[kind]) or '(?!)'})"
        f"|(?P<unwanted>{_either((*TURNED_DOWN, *UNWANTED[kind]))})"
        f"|(?P<wanted>{_either(WANTED[kind])})"
    )
    for kind in Kind
}
