"""What answers to recommendations teach: about the customer who gave them, and about what is offered."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from math import prod

from insight.recommend.records import (
    Factor,
    PackageRecommendation,
    Recommendation,
    RecommendationKind,
    ServiceRecommendation,
)
from insight.recommend.subjects import kind_of, subject_of

_OWN_TRIALS = 10.0  # M: how many answers of a customer the model's probability weighs
_SHARED_TRIALS = 20.0  # K: how many answers of everybody the ratio 1 weighs

_REST_DAYS = {"rejected": 30, "deferred": 7}
_SEEN = 0.005  # less does not show in two decimals
_MIDDLE_SCORE, _SCORE_STEP = 3, 0.25


class Action(StrEnum):
    """What became of a recommendation."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DEFERRED = "deferred"


@dataclass(frozen=True, slots=True)
class Response:
    """One answer of this customer, or of staff with them, to one recommendation.

    Attributes:
        kind: What kind was recommended.
        subject: The service's code, the package's number, or "weekly".
        action: What became of it.
        score: How good the recommendation was found, 1 to 5; None where it was not scored.
        answered_on: The day of the answer in the center's time zone.
    """

    kind: RecommendationKind
    subject: str
    action: Action
    score: int | None
    answered_on: date


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """Answers of everybody that are alike in kind, subject, goals, action and score.

    Attributes:
        goals: The health goals that had a say in the recommendation.
        answers: How many there are.
        prior_sum: The sum of their recommendations' probabilities before feedback.
    """

    kind: RecommendationKind
    subject: str
    goals: tuple[str, ...]
    action: Action
    score: int | None
    answers: int
    prior_sum: float


@dataclass(frozen=True, slots=True)
class Tally:
    """Acceptances (weighed by score), and as many as the model had expected of the same answers."""

    accepted: float
    expected: float


@dataclass(frozen=True, slots=True)
class ResponseModel:
    """What everybody's answers say of what is offered; stored as the part `responses`.

    Attributes:
        kinds: By "service", "package", "schedule".
        subjects: By "service/red", "package/19", "schedule/weekly".
        goal_subjects: By "sleep_quality/service/red".
    """

    kinds: Mapping[str, Tally]
    subjects: Mapping[str, Tally]
    goal_subjects: Mapping[str, Tally]


NO_RESPONSES = ResponseModel({}, {}, {})
"""The model of a center where nobody has answered yet."""


def trials(action: Action, score: int | None) -> float:
    """Return how many trials an answer counts as: 1, more or less by its score, and 0 for a deferred one.

    An acceptance counts as a success and a rejection as a failure, whatever the score. The score says how
    much it tells: an acceptance of 0.5 (score 1) to 1.5 trials (score 5), a rejection of 1.5 to 0.5. So
    accepting always raises a probability, rejecting always lowers it, and a better score makes it higher.
    """
    if action is Action.DEFERRED:
        return 0.0
    lean = _SCORE_STEP * (score - _MIDDLE_SCORE) if score is not None else 0.0
    return 1 + lean if action is Action.ACCEPTED else 1 - lean


def fit_responses(counts: Iterable[AnswerCount]) -> ResponseModel:
    """Add up the answers of everybody."""
    kinds: dict[str, Tally] = {}
    subjects: dict[str, Tally] = {}
    goal_subjects: dict[str, Tally] = {}
    for count in counts:
        weight = trials(count.action, count.score)
        accepted = weight * count.answers if count.action is Action.ACCEPTED else 0.0
        answers = Tally(accepted, weight * count.prior_sum)
        key = _key(count.kind, count.subject)
        _add(kinds, count.kind, answers)
        _add(subjects, key, answers)
        for goal in count.goals:
            _add(goal_subjects, f"{goal}/{key}", answers)
    return ResponseModel(kinds, subjects, goal_subjects)


def acceptance(recommendation: Recommendation, responses: Iterable[Response], model: ResponseModel) -> float:
    """Return the probability that a recommendation is accepted, 0-1.

    p = (M p0 rho + acc) / (M + n), where acc of the customer's own n trials on the same subject were
    acceptances and M = 10. rho = rho_k rho_s rho_gs says how much more often everybody accepts than the model
    expects: what is offered of this kind, then of these the subject, then the subject where a goal spoke for
    it (the geometric mean over several). Each is (acc + K) / (expected + K), K = 20, against what the ones
    before it expect. p0 rho is at most 1.

    Without rho_k a subject that was never offered would stand at the model's scale, and the others at the
    scale of acceptances: what is offered first would be offered for ever.
    """
    kind, subject = kind_of(recommendation), subject_of(recommendation)
    own = [answer for answer in responses if answer.kind is kind and answer.subject == subject]
    weights = [trials(answer.action, answer.score) for answer in own]
    accepted = sum(
        weight for weight, answer in zip(weights, own, strict=True) if answer.action is Action.ACCEPTED
    )
    everybody = min(1.0, recommendation.prior * _lift(kind, subject, recommendation.goals, model))
    return (_OWN_TRIALS * everybody + accepted) / (_OWN_TRIALS + sum(weights))


def adjust(
    recommendations: Sequence[Recommendation],
    responses: Sequence[Response],
    model: ResponseModel,
    today: date,
    used: Collection[str] = (),
) -> tuple[Recommendation, ...]:
    """Re-score and re-order recommendations by what answers to earlier ones teach.

    `confidence` becomes the probability of acceptance, and `Factor.FEEDBACK` is added where that differs from
    the prior. What was rejected rests 30 days, what was deferred 7, counted from the last answer to it; only
    where nothing at all would be left do all stay, at their lowered scores.

    Args:
        recommendations: Of any kinds.
        responses: All answers of this customer.
        model: What everybody's answers say.
        today: The day of the new answer.
        used: The services already used, which rank behind those never used.

    Returns:
        Services, packages by savings times confidence, schedules; the best of each kind first.
    """
    resting = _resting(responses, today)
    awake = [item for item in recommendations if _key(kind_of(item), subject_of(item)) not in resting]
    scored = [_rescored(item, acceptance(item, responses, model)) for item in awake or recommendations]
    kinds = list(RecommendationKind)

    def rank(item: Recommendation) -> tuple[int, bool, float]:
        again = isinstance(item, ServiceRecommendation) and item.service in used
        worth = item.savings if isinstance(item, PackageRecommendation) else 1
        return kinds.index(kind_of(item)), again, -worth * item.confidence

    return tuple(sorted(scored, key=rank))


def _key(kind: RecommendationKind, subject: str) -> str:
    return f"{kind}/{subject}"


def _add(tallies: dict[str, Tally], name: str, answers: Tally) -> None:
    so_far = tallies.get(name, Tally(0.0, 0.0))
    tallies[name] = Tally(so_far.accepted + answers.accepted, so_far.expected + answers.expected)


def _lift(kind: RecommendationKind, subject: str, goals: Collection[str], model: ResponseModel) -> float:
    """Return rho_k rho_s rho_gs."""
    unknown, key = Tally(0.0, 0.0), _key(kind, subject)
    by_kind = _ratio(model.kinds.get(kind, unknown), 1.0)
    by_subject = by_kind * _ratio(model.subjects.get(key, unknown), by_kind)
    by_goal = [_ratio(model.goal_subjects.get(f"{goal}/{key}", unknown), by_subject) for goal in goals]
    return by_subject * (prod(by_goal) ** (1 / len(by_goal)) if by_goal else 1.0)


def _ratio(tally: Tally, expected_lift: float) -> float:
    return (tally.accepted + _SHARED_TRIALS) / (tally.expected * expected_lift + _SHARED_TRIALS)


def _resting(responses: Iterable[Response], today: date) -> set[str]:
    """Return what was turned away lately, by the last answer to each subject."""
    last = {
        _key(answer.kind, answer.subject): answer
        for answer in sorted(responses, key=lambda answer: answer.answered_on)
    }
    return {
        key
        for key, answer in last.items()
        if (today - answer.answered_on).days < _REST_DAYS.get(answer.action, 0)
    }


def _rescored(item: Recommendation, confidence: float) -> Recommendation:
    moved = abs(confidence - item.prior) >= _SEEN
    factors = tuple(dict.fromkeys((*item.factors, Factor.FEEDBACK))) if moved else item.factors
    return replace(item, confidence=confidence, factors=factors)
