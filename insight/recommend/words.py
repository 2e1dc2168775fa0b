"""The Korean words of recommendations: services, goals, seasons, and what a service may be good for.

A benefit says what a service supports, never that it treats or cures.
"""

from collections.abc import Mapping
from types import MappingProxyType

from insight.goal_stems import GoalTag

SERVICE_NAMES: Mapping[str, str] = MappingProxyType(
    {"brain": "브레인", "pulse": "펄스", "lymph": "림프", "red": "레드", "ai_bike": "AI 바이크"}
)

GOAL_NAMES: Mapping[GoalTag, str] = MappingProxyType(
    {
        GoalTag.STRESS_MANAGEMENT: "스트레스 관리",
        GoalTag.SLEEP_QUALITY: "수면 개선",
        GoalTag.WEIGHT_LOSS: "체중 감량",
        GoalTag.MUSCLE_STRENGTH: "근력 강화",
        GoalTag.FOCUS: "집중력 향상",
        GoalTag.PAIN_RELIEF: "통증 완화",
        GoalTag.ENERGY: "활력 회복",
    }
)

BENEFITS: Mapping[str, str] = MappingProxyType(
    {
        "brain": "이완과 집중 훈련을 통한 심신 컨디션 관리",
        "pulse": "근육 이완을 통한 몸의 피로 관리",
        "lymph": "순환 케어를 통한 가벼운 컨디션 관리",
        "red": "적색광 케어를 통한 편안한 휴식과 컨디션 관리",
        "ai_bike": "유산소 운동을 통한 전반적 건강 개선",
    }
)
"""What each service is good for, whatever the goal."""

BENEFITS_BY_GOAL: Mapping[str, Mapping[GoalTag, str]] = MappingProxyType(
    {
        "brain": {
            GoalTag.STRESS_MANAGEMENT: "이완 훈련을 통한 스트레스 관리 지원",
            GoalTag.SLEEP_QUALITY: "이완 훈련을 통한 편안한 수면 습관 지원",
            GoalTag.FOCUS: "뇌파 기반 훈련을 통한 집중력 향상 지원",
            GoalTag.ENERGY: "충분한 이완을 통한 활력 관리 지원",
        },
        "pulse": {
            GoalTag.STRESS_MANAGEMENT: "근육 이완을 통한 긴장 완화 지원",
            GoalTag.SLEEP_QUALITY: "근육 이완을 통한 편안한 휴식 지원",
            GoalTag.PAIN_RELIEF: "뭉친 근육의 이완을 통한 편안함 지원",
            GoalTag.ENERGY: "지친 근육의 이완을 통한 활력 관리 지원",
            GoalTag.MUSCLE_STRENGTH: "운동 뒤 근육 이완을 통한 회복 관리 지원",
        },
        "lymph": {
            GoalTag.STRESS_MANAGEMENT: "순환 케어를 통한 편안한 휴식 지원",
            GoalTag.SLEEP_QUALITY: "순환 케어를 통한 편안한 수면 습관 지원",
            GoalTag.WEIGHT_LOSS: "순환 케어를 통한 체중 관리 병행 지원",
            GoalTag.PAIN_RELIEF: "순환 케어를 통한 몸의 편안함 지원",
        },
        "red": {
            GoalTag.SLEEP_QUALITY: "적색광 케어를 통한 편안한 수면 습관 지원",
            GoalTag.PAIN_RELIEF: "적색광 케어를 통한 몸의 편안함 지원",
            GoalTag.ENERGY: "적색광 케어를 통한 활력 관리 지원",
            GoalTag.WEIGHT_LOSS: "적색광 케어를 통한 체중 관리 병행 지원",
            GoalTag.MUSCLE_STRENGTH: "적색광 케어를 통한 운동 뒤 회복 관리 지원",
        },
        "ai_bike": {
            GoalTag.STRESS_MANAGEMENT: "유산소 운동을 통한 기분 전환 지원",
            GoalTag.WEIGHT_LOSS: "유산소 운동을 통한 체중 관리 지원",
            GoalTag.MUSCLE_STRENGTH: "맞춤 강도 운동을 통한 하체 근력 강화 지원",
            GoalTag.ENERGY: "유산소 운동을 통한 활력 증진 지원",
            GoalTag.FOCUS: "유산소 운동을 통한 집중 습관 지원",
        },
    }
)
"""What a service is good for where a goal spoke for it."""

_SEASONS = ("겨울철", "봄철", "여름철", "가을철")
_MONTHS_A_SEASON = 3


def season_name(month: int) -> str:
    """Return the season of a month, 1 to 12; winter is December to February."""
    return _SEASONS[month % 12 // _MONTHS_A_SEASON]
