"""The Korean words that name a health goal, as data.

All patterns read text without spaces (see `insight.goals`), so they bridge every way of spacing a phrase, and
look around themselves where a stem would otherwise show up inside another word.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class GoalTag(StrEnum):
    """A health goal that services and measurements can speak to."""

    STRESS_MANAGEMENT = "stress_management"
    SLEEP_QUALITY = "sleep_quality"
    WEIGHT_LOSS = "weight_loss"
    MUSCLE_STRENGTH = "muscle_strength"
    FOCUS = "focus"
    PAIN_RELIEF = "pain_relief"
    ENERGY = "energy"


class Kind(StrEnum):
    """How a stem and its negation relate to the goal (its polarity)."""

    FELT = "felt"
    """A trouble said as a verb or adjective (아프다): a goal, unless it is itself negated (아프지 않다)."""
    AIM = "aim"
    """Something to do (다이어트): a goal, unless it is turned down or done."""
    TROUBLE = "trouble"
    """Something bad to have (스트레스): a goal, unless it is absent."""
    RESOURCE = "resource"
    """Something good to have (에너지): a goal, and all the more so when absent, unless there is enough."""


STEMS: Mapping[Kind, Mapping[GoalTag, tuple[str, ...]]] = MappingProxyType(
    {
        Kind.FELT: {
            GoalTag.STRESS_MANAGEMENT: (r"(?:마음|가슴|속)이(?:너무|많이)?(?:힘들|답답|무거)",),
            GoalTag.SLEEP_QUALITY: (
                r"(?:잘|푹|통)?못(?:자|잤|잠)",
                r"뒤척",
                r"(?:자다|새벽|밤|중간에)[^,.;!?]{0,8}깨(?![끗달닫])",
                r"잠(?:이|도)?(?:잘)?(?:안[오와들]|설[치쳐])",
                r"잠들(?:기|지|려)(?:가|도)?(?:까지|너무)?(?:어려|어렵|힘들|못|오래)",
            ),
            GoalTag.WEIGHT_LOSS: (
                r"(?:kg|키로|킬로)(?:이?나|정도|가|더)*(?:쪘|늘|불)",
                r"살이?더?찌(?:고싶[지진]는?않|기싫)",
                r"살(?:이|도|만)?(?:너무|많이|자꾸|갑자기|점점|좀|계속|확|또)*안?(?:쪘(?!으면)|쪄|찌는|찐|올랐)",
            ),
            GoalTag.FOCUS: (r"산만", r"멍[하해때]", r"딴생각", r"머리에(?:잘|하나도)?(?:안|못)들어"),
            GoalTag.PAIN_RELIEF: (
                r"안?아(?:프(?!리카|간)|파(?!트)|픈|팠)",
                r"쑤[시셔]",
                r"결[려리린]",
                r"(?<!리)저[려린릿]",
                r"(?<!리)저리",
                r"뭉[쳐쳤친치]",
                r"뻐근",
                r"뻣뻣",
                r"시큰",
                r"욱신",
                r"찌릿",
            ),
            GoalTag.ENERGY: (
                r"안?피곤",
                r"(?<![가미])지(?:쳐|쳤|친|칩|치[고는네])",
                r"나른",
                r"기운(?:이|도)?없",
                r"힘[이도]?(?:하나도)?(?:없|안나|나지않)",
                r"몸이(?:너무|많이|늘|항상)?(?:무거|무겁|축|처)",
                r"녹초",
                r"천근만근",
                r"의욕(?:이|도)?없",
                r"졸[려리아]",
            ),
        },
        Kind.AIM: {
            GoalTag.STRESS_MANAGEMENT: (r"명상", r"마음챙김"),
            GoalTag.SLEEP_QUALITY: (
                r"(?:잘|푹|깊[이게]|편히|편하게|편안하게)(?:자고싶|자기|자는게|자는것|자려|자면|잤으면|잘수있)",
            ),
            GoalTag.WEIGHT_LOSS: (
                r"체중감[량소]",
                r"(?:체중|몸무게|체지방)[을도]?(?:좀|많이|조금)?(?:줄[이여일]|빼|뺄|뺐으면|관리|조절)",
                r"감량",
                r"다이어[트뜨]",
                r"다이엇",
                r"다욧",
                r"diet",
                r"살[을도이만]?(?:좀|더|빨리|조금|잘|많이)*(?:빼|뺄|뺐|안?빠)",
                r"(?:kg|키로|킬로)(?:그램)?(?:만|정도|를|을|더|이상)*(?:빼|뺄|줄[이여])",
                r"-\d+(?:kg|키로|킬로)",
                r"날씬",
                r"슬림",
                r"몸매",
                r"허리(?:둘레|사이즈|라인|군살)",
            ),
            GoalTag.MUSCLE_STRENGTH: (
                r"벌크업",
                r"몸짱",
                r"식스팩",
                r"몸을?만들",
                r"바디프로필",
                r"웨이트",
            ),
        },
        Kind.TROUBLE: {
            GoalTag.STRESS_MANAGEMENT: (
                r"스트[레래]스",
                r"stress",
                r"긴장",
                r"우울",
                r"불안",
                r"짜증",
                r"예민",
                r"번아웃",
                r"화병",
                r"공황",
                r"압박감",
            ),
            GoalTag.SLEEP_QUALITY: (
                r"불면",
                r"insomnia",
                r"(?:수면|잠)(?:장애|부족|무호흡)",
                r"코골이",
                r"악몽",
                r"선잠",
            ),
            GoalTag.WEIGHT_LOSS: (
                r"과?체중",
                r"몸무게",
                r"비만",
                r"체지방",
                r"지방[이은]?(?:과다|많)",
                r"(?:내장|복부)지방",
                r"(?:뱃|군|나잇|옆구리|팔뚝|허벅지)살",
                r"bmi",
            ),
            GoalTag.MUSCLE_STRENGTH: (r"근감소", r"근손실"),
            GoalTag.FOCUS: (r"건망증", r"브레인포그", r"adhd"),
            GoalTag.PAIN_RELIEF: (
                r"통증",
                r"pain",
                r"(?:편?두|요|근육|신경|생리|관절)통",
                r"디스크",
                r"거북목",
                r"일자목",
                r"오십견",
                r"관절",
                r"어깨(?!깡패|가?넓)",
                r"허리(?!띠)",
                r"무릎",
                r"[손발]목",
                r"팔꿈치",
                r"골반",
                r"척추",
                r"측만",
                r"목(?=[,/·]|이?랑|과|하고|(?:이|도)?(?:많이|자주|너무|좀|항상)?(?:어깨|허리|아|뻐|뻣|결|뭉|통))",
                r"엘보",
                r"재활",
                r"염좌",
                r"족저근막염",
                r"저림",
                r"결림",
                r"뭉침",
                r"찌뿌",
                r"근육이?(?:잘|자주|자꾸|너무)?(?:이완|긴장|뭉|결|경련)",
            ),
            GoalTag.ENERGY: (r"(?<!커)피로", r"무기력", r"탈진", r"춘곤증"),
        },
        Kind.RESOURCE: {
            GoalTag.STRESS_MANAGEMENT: (
                r"마음[의이을]?(?:안정|평[온안화]|편|여유|건강|다스)",
                r"(?:심신|심리|정서)[의적]?(?:안정|이완|건강)",
                r"멘탈",
                r"힐링",
                r"릴[랙렉]스",
            ),
            GoalTag.SLEEP_QUALITY: (
                r"수면",
                r"숙면",
                r"[꿀단]잠",
                r"잠(?![시깐실재원수금복바옷든])",
                r"sleep",
            ),
            GoalTag.MUSCLE_STRENGTH: (
                r"근력",
                r"근육",
                r"근지구력",
                r"골격근",
                r"코어",
                r"힘을?(?:기르|키우)",
                r"복근",
                r"[상하]체(?:의|를)?(?:힘|강화|운동|단련|근)",
            ),
            GoalTag.FOCUS: (
                r"집중",
                r"기억력",
                r"몰입",
                r"두뇌",
                r"인지(?:기능|능력|력)",
                r"(?:머리|정신)[가이를을]?(?:맑|또렷|안돌)",
                r"업무효율",
                r"학습(?:능력|효과|효율)",
            ),
            GoalTag.ENERGY: (
                r"에너지(?!음료|드링크)",
                r"활[력기]",
                r"체력",
                r"기력",
                r"원기",
                r"생기(?:있|를)",
                r"기운",
                r"지구력",
                r"스[태테]미나",
                r"컨디션",
            ),
        },
    }
)
"""The stems of each goal. Where several fit one place in a text, the first in this order counts."""

NOT_A_GOAL = (
    r"잠[시깐실재원수금복바옷]",
    r"[늦낮]잠",
    r"수면(?:바지|양말|위로|아래)",
    r"집중(?:케어|관리|적|치료|호우|마사지|코스|공략|프로그램)",
    r"증량",
    r"저체중",
    r"(?:체중|몸무게)[을이도은]?(?:좀)?(?:늘[리려릴]|유지|증가(?:를|가)?(?:원|목표|희망|하고싶|필요))",
    r"살[이을도]?(?:좀|더)*(?:찌고싶(?!지)|찌우|찌울|쪘으면)",
    r"살이?(?:너무|자꾸|계속)빠",
    r"약(?:물|을)?감량",
    r"다이어트(?:콜라|음료)",
    r"손목시계",
    r"통증(?:클리닉|의학)",
    r"(?:바로|금방|쉽게)잠(?:드[는네]|들어|들고(?!싶))",
    r"(?:마음|가슴)이?아[프픈파]",
)
"""Longer words and phrases that hold a stem and mean something else."""
