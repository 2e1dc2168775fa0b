"""The Korean words behind a stem that say whether it is a goal, as data.

For each kind of stem there are three lists; the leftmost match in the text decides, and at one place
`EVEN_SO` goes before `TURNED_DOWN` and `UNWANTED`, and these before `WANTED`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from insight.goal_stems import Kind

_WISH_ENDING = r"(?:고(?:싶|살고|살아|지내)|게|도록|기[를만도]|길|[았었]?으면|으려)"
_WITHOUT = rf"(?:[애앨앤앴을이]|는(?!데|편|상태|것같|듯)|어지|어졌으면|{_WISH_ENDING})"
_STILL = r"(?:지만|는데|으나)(?:아직|여전|다시|요즘|또)"
_PASSED = r"좋아졌|나아졌|나았|사라졌|없어졌|줄었|줄어들었|(?:해소|해결|개선|회복)(?:됐|되었)|완치"
_RESOLVED = rf"(?:{_PASSED})(?!으면|{_STILL})"
_FINE = (
    r"괜찮(?!지|아지|아졌으면)",
    r"문제(?:가|는|도)?없(?!이|었으면)",
    r"걱정(?:이|은|도)?없(?!이|었으면)",
    r"양호",
    r"표준",
    r"그럭저럭",
    r"정상(?!으로|화|범위로|체중)",
)
_GOOD = r"(?<!에)(?<!안)좋(?:아요|아서|습니|은편|은데|은상태|고(?!싶)|음|지만|다(?!고|길|는))"
_LITTLE = rf"(?:없(?!{_WITHOUT})|않(?!{_WISH_ENDING}))"

EVEN_SO: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        Kind.FELT: (r"찌(?:고싶[지진]는?않|기싫)",),
        Kind.AIM: (r"(?:효과|소용|진전|변화|수)(?:가|이|도|는)?없",),
        Kind.TROUBLE: (
            r"(?:수|시간|여유|힘|틈|기운|의욕|방법|끝|날)(?:가|이|도|는)?없",
            r"(?:풀리|낫|빠지|가시|줄|줄지|사라지|나아지|좋아지|해소되|괜찮|좋)지(?:가|를|도|는)?않",
            r"안(?:풀|가[셔시]|빠|낫|없|좋|줄)",
            r"안(?:받|느낄|쌓).{0,2}수(?:가|는)?없",
            r"없[지진]는?않",
            r"(?:빼고|빼면|말고)(?:는|다|전부|모두)",
            r"(?:장난|이만저만|보통)(?:이)?아[니닌닙]",
        ),
        Kind.RESOURCE: (),
    }
)
"""Negations that leave a goal standing: the trouble does not go away, there is no time for the aim."""

TURNED_DOWN = (
    r"(?:관심|흥미|생각|계획|필요|마음|뜻|욕심)(?:이|은|는|도|가|까지는|성을)?(?:전혀|별로|딱히)?(?:없|못느)",
    r"필요하[지진]는?않",
    r"필요치않",
    r"싶[지진]는?않",
    r"원(?:하[지진]는?|치)않",
    r"말[고구](?!도)",
    r"제외",
    r"아[니닌닙님](?!었으면)",
    r"(?<![전때년소들각달주])보다",
    r"싫",
    r"는됐[고어]",
    r"나중에",
    r"신경(?:은|을)?(?:안|쓰지않)",
)
"""What turns any goal down: not interested, not that but, rather than."""

UNWANTED: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        Kind.FELT: (
            rf"안(?:아[프파]|피곤)(?!{_WISH_ENDING})",
            rf"[지진](?:는|도|가)?않(?!{_WISH_ENDING}|고.{{0,10}}싶)",
            _RESOLVED,
            rf"[데곳적](?:이|은|도|가|는)?(?:거의|별로|전혀|딱히)?없(?!{_WITHOUT})",
        ),
        Kind.AIM: (
            rf"(?<!편)안(?:해|할|하)(?!{_WISH_ENDING})",
            _LITTLE,
            r"(?:성공|완료|달성)(?:했|됐|하였|되었)(?!으면)",
            *_FINE,
        ),
        Kind.TROUBLE: (
            r"(?:심하|많|있|느끼|받|크|높)[지진]는?않(?!았으면|으면|게|도록|고싶)",
            rf"안(?:받|느끼|느껴|심하|심해|생기|생겨|쌓|아[프파])(?!{_WISH_ENDING})",
            _LITTLE,
            _RESOLVED,
            r"(?:적|낮)(?:어요|아요|은편|습니|고)",
            r"별로(?!안)",
            r"(?<=[가-힣:])x(?![a-z0-9])",
            r"적당",
            r"잘(?:자요|잡니|자고(?!싶))",
            r"튼튼",
            _GOOD,
            *_FINE,
        ),
        Kind.RESOURCE: (
            r"(?:부족하|떨어지|나쁘|약하)[지진]는?않",
            r"(?:부족|약)한건아[니닌]",
            r"이미(?:하고|충분)",
            r"부족함(?:이|은)?없",
            r"충분(?!히|하면|했으면|하지|치)",
            r"충분히(?:자요|잡니|자고있|자는[편데])",
            r"넘[치쳐칩]",
            r"많(?!이|지|았으면|아졌으면|으면|은도움)",
            r"튼튼",
            r"자신(?:은|이|도)?있(?!으면|었으면|게)",
            r"강(?:해요|합니다|한편)",
            r"만족(?!스럽지|하지|못|할|하고싶)",
            r"[잘푹](?:자요|잡니|자고(?!싶)|자[는서며지](?!게)|잤(?!으면)|돼요|됩니|되는|되고(?!싶)|유지|하고있)",
            _RESOLVED,
            _GOOD,
            *_FINE,
        ),
    }
)
"""What says, of each kind, that it is no goal: not felt, done, absent, enough."""

_WISHED = (
    r"싶",
    r"원[하해합]",
    r"바[라랍람]",
    r"희망",
    r"[았었졌]으면",
    r"목표",
    r"위해",
    r"필요",
    r"주세요",
    r"뿐만?이?아니",
)
_GOES_ON = (
    r"(?:[은한픈인]|(?<![었았했팠였졌됐])는)데(?!는|에|(?:가|도|이)?없)",
    r"때문",
    r"[해어]서",
    r"니까",
)

WANTED: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        Kind.FELT: _WISHED,
        Kind.AIM: (*_WISHED, *_GOES_ON),
        Kind.TROUBLE: (
            *_WISHED,
            *_GOES_ON,
            r"(?<!관)심[하해한]",
            r"많",
            r"있[어습음는고]",
            r"받[아고는]",
            r"쌓",
            r"늘었",
        ),
        Kind.RESOURCE: (
            *_WISHED,
            *_GOES_ON,
            r"없",
            r"부족",
            r"떨어",
            r"(?<!동)안(?!정)",
            r"못",
            r"않",
            r"약[해하한]",
            r"저하",
            r"나[쁘빠쁨]",
            r"힘들",
            r"어려",
            r"깨",
        ),
    }
)
"""What settles, of each kind, that it is a goal, whatever the sentence goes on to say."""
