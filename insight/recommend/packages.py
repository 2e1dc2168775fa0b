"""Which packages of the catalogue pay for a customer, by what they are expected to use."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Protocol

from insight.recommend.catalogue import CataloguePackage, CatalogueService
from insight.recommend.expected_use import RECENT_DAYS, ExpectedUse
from insight.recommend.records import Factor, PackageRecommendation, ServiceRecommendation

_LEAST_UTILISATION = 0.8
_DAYS_A_MONTH = 30


class HeldSessions(Protocol):
    """What is left of one service in a package that a customer holds."""

    @property
    def service(self) -> str:
        """The service's code."""
        raise NotImplementedError

    @property
    def remaining(self) -> int:
        """Sessions left, never below 0."""
        raise NotImplementedError


class HeldPackage(Protocol):
    """A package that a customer bought."""

    @property
    def usable(self) -> bool:
        """Whether a session can be taken from it today."""
        raise NotImplementedError

    @property
    def days_remaining(self) -> int:
        """Days until it expires; negative once it has."""
        raise NotImplementedError

    @property
    def remaining_sessions(self) -> int:
        """Sessions left of all services, never below 0."""
        raise NotImplementedError

    @property
    def services(self) -> Sequence[HeldSessions]:
        """What is left by service; empty where the center did not write it down."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class _Held:
    """What is left of a usable package by service, and whether it lasts until it expires."""

    left: Mapping[str, float]
    covers: bool


def recommend_packages(
    use: ExpectedUse,
    catalogue: Iterable[CataloguePackage],
    services: Mapping[str, CatalogueService],
    held: Iterable[HeldPackage],
    new_service: ServiceRecommendation | None = None,
) -> tuple[PackageRecommendation, ...]:
    """Return the packages that pay, the best first.

    A package pays when 80% of its sessions or more are expected to be used before it expires, and these would
    cost more one by one. The expected use of a service is what is left after sessions the customer holds
    already. Ranked by savings times the probability of using 80%: the money a customer can count on, since a
    large package saves most on paper and is the likeliest to expire half used.

    Not offered: what shares a service with a usable package that holds more sessions than the customer is
    expected to use until it expires; what is free of charge or without sessions; what holds a service that is
    not sold by the session.

    Args:
        use: What the customer is expected to use.
        catalogue: The packages on sale.
        services: What single sessions cost, by service code.
        held: The customer's packages, old ones included.
        new_service: The service recommended most that the customer never used. A package that holds it is
            priced as if the customer gave it, with its probability, an even share beside those in use.
    """
    whole = [package for package in catalogue if _is_sold_whole(package, services)]
    lasting = [package for package in held if package.usable and package.days_remaining >= 0]
    visits = use.visits(
        {*(package.valid_days for package in whole), *(package.days_remaining for package in lasting)}
    )
    usable = [_held(package, use, visits[package.days_remaining]) for package in lasting]
    covered = {service for package in usable if package.covers for service in package.left}
    offers: list[PackageRecommendation] = []
    for package in whole:
        if not covered.isdisjoint(package.quotas):
            continue
        added = new_service if new_service and new_service.service in package.quotas else None
        offer = _offer(package, use, services, _draw(package, use, usable, added), visits[package.valid_days])
        if offer:
            offers.append(_with_new_service(offer, services, added) if added else offer)
    return tuple(sorted(offers, key=lambda offer: (-offer.savings * offer.prior, offer.package_id)))


@dataclass(frozen=True, slots=True)
class _Draw:
    """How visits draw on a package: its quotas, the sessions a visit, and those held already, by service."""

    quotas: Mapping[str, int]
    a_visit: Mapping[str, float]
    held: Mapping[str, float]

    def used(self, visits: float) -> dict[str, float]:
        """Return min(quota, what so many visits take less what is held already) of each service."""
        return {
            service: min(quota, max(0.0, visits * self.a_visit[service] - self.held[service]))
            for service, quota in self.quotas.items()
        }

    def utilisation(self, visits: float) -> float:
        """Return the share of all sessions that so many visits use, 0-1."""
        return sum(self.used(visits).values()) / sum(self.quotas.values())


def _offer(
    package: CataloguePackage,
    use: ExpectedUse,
    services: Mapping[str, CatalogueService],
    draw: _Draw,
    visits: float,
) -> PackageRecommendation | None:
    utilisation = draw.utilisation(visits)
    worth = sum(count * services[service].price for service, count in draw.used(visits).items())
    savings = round(worth - package.price)
    if utilisation < _LEAST_UTILISATION or savings <= 0:
        return None
    # the least number of visits with which 80% are used; the expected number is enough for it
    fewest = 1 + bisect_left(range(1, ceil(visits)), _LEAST_UTILISATION, key=draw.utilisation)
    confidence = use.forecast.at_least(fewest, package.valid_days / 7)
    return PackageRecommendation(
        package_id=package.package_id,
        package_name=package.name,
        prior=confidence,
        confidence=confidence,
        reason=f"{_habit(use)}, 유효기간 안에 {round(100 * utilisation)}% 사용 예상",
        sessions=tuple(item for item in package.sessions if item.sessions > 0),
        total_sessions=sum(draw.quotas.values()),
        price=package.price,
        savings=savings,
        based_on=_based_on(use),
        optimization="예상 절감액 × 유효기간 안에 80% 이상 사용할 확률 최대화",
        factors=(Factor.SERVICE_HISTORY, Factor.VISIT_PATTERN, Factor.PACKAGE_PRICES),
    )


def _with_new_service(
    offer: PackageRecommendation, services: Mapping[str, CatalogueService], added: ServiceRecommendation
) -> PackageRecommendation:
    return replace(
        offer,
        reason=f"{offer.reason}, 추천 서비스 {services[added.service].name} 포함",
        factors=tuple(dict.fromkeys((*offer.factors, *added.factors))),
        goals=added.goals,
    )


def _draw(
    package: CataloguePackage,
    use: ExpectedUse,
    usable: Sequence[_Held],
    added: ServiceRecommendation | None,
) -> _Draw:
    quotas, shares = package.quotas, _shares_with(use, added)
    return _Draw(
        quotas=quotas,
        a_visit={service: use.sessions_a_visit * shares.get(service, 0.0) for service in quotas},
        held={service: sum(item.left.get(service, 0.0) for item in usable) for service in quotas},
    )


def _held(package: HeldPackage, use: ExpectedUse, visits: float) -> _Held:
    left: dict[str, float] = {item.service: float(item.remaining) for item in package.services}
    if not left:
        left = {service: package.remaining_sessions * share for service, share in use.shares.items()}
    expected = sum(use.sessions(service, visits) for service in left)
    return _Held(left, covers=sum(left.values()) > expected)


def _is_sold_whole(package: CataloguePackage, services: Mapping[str, CatalogueService]) -> bool:
    quotas = package.quotas
    return package.price > 0 and package.valid_days > 0 and bool(quotas) and quotas.keys() <= services.keys()


def _shares_with(use: ExpectedUse, added: ServiceRecommendation | None) -> Mapping[str, float]:
    if added is None:
        return use.shares
    weight = added.confidence / (len(use.used) + 1)
    return {
        service: share * (1 - weight) + (weight if service == added.service else 0.0)
        for service, share in use.shares.items()
    }


def _habit(use: ExpectedUse) -> str:
    if not use.recent_sessions:
        return "최근 90일 이용이 없어 전체 이용 이력으로 계산"
    if use.recent_days < RECENT_DAYS:
        return f"첫 방문 후 {use.recent_days}일 동안 {use.recent_sessions}회 이용"
    monthly = use.recent_sessions / use.recent_days * _DAYS_A_MONTH
    return f"최근 90일 월 {monthly:.1f}회 이용"


def _based_on(use: ExpectedUse) -> str:
    if not use.recent_sessions:
        return "전체 이용 이력"
    if use.recent_days < RECENT_DAYS:
        return f"첫 방문 후 {use.recent_days}일 이용 패턴"
    return "최근 3개월 이용 패턴"
