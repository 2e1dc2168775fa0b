"""Which packages of the catalogue pay for a customer, by what they are expected to use."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
    usable = [_held(package, use) for package in held if package.usable and package.days_remaining >= 0]
    covered = {service for package in usable if package.covers for service in package.left}
    offers = (
        _offer(package, use, services, usable, new_service)
        for package in catalogue
        if _is_sold_whole(package, services) and covered.isdisjoint(_quotas(package))
    )
    paying = [offer for offer in offers if offer is not None]
    return tuple(sorted(paying, key=lambda offer: (-offer.savings * offer.prior, offer.package_id)))


def used_of_package(
    quotas: Mapping[str, int], expected: Mapping[str, float], held: Mapping[str, float]
) -> dict[str, float]:
    """Return the sessions used of each service: min(quota, expected use less what is held already)."""
    return {
        service: min(quota, max(0.0, expected.get(service, 0.0) - held.get(service, 0.0)))
        for service, quota in quotas.items()
    }


def _offer(
    package: CataloguePackage,
    use: ExpectedUse,
    services: Mapping[str, CatalogueService],
    usable: Sequence[_Held],
    new_service: ServiceRecommendation | None,
) -> PackageRecommendation | None:
    quotas = _quotas(package)
    total = sum(quotas.values())
    held = {service: sum(item.left.get(service, 0.0) for item in usable) for service in quotas}
    added = new_service if new_service is not None and new_service.service in quotas else None
    shares = _shares_with(use, added)

    def used(visits: float) -> dict[str, float]:
        expected = {service: visits * use.sessions_a_visit * shares.get(service, 0.0) for service in quotas}
        return used_of_package(quotas, expected, held)

    def utilisation(visits: float) -> float:
        return sum(used(visits).values()) / total

    visits = use.visits(package.valid_days)
    share_used = utilisation(visits)
    worth = sum(count * services[service].price for service, count in used(visits).items())
    savings = round(worth - package.price)
    if share_used < _LEAST_UTILISATION or savings <= 0:
        return None
    # the least number of visits with which 80% are used: the expected number is enough for it
    least = 1 + bisect_left(range(1, ceil(visits) + 1), _LEAST_UTILISATION, key=utilisation)
    confidence = use.forecast.at_least(least, package.valid_days / 7)
    return PackageRecommendation(
        package_id=package.package_id,
        package_name=package.name,
        prior=confidence,
        confidence=confidence,
        reason=_reason(use, share_used, services, added),
        sessions=tuple(item for item in package.sessions if item.sessions > 0),
        total_sessions=total,
        price=package.price,
        savings=savings,
        based_on=_based_on(use),
        optimization="예상 절감액과 유효기간 안에 80% 이상 사용할 확률의 곱을 최대화",
        factors=_factors(added),
        goals=added.goals if added else (),
    )


def _held(package: HeldPackage, use: ExpectedUse) -> _Held:
    left: dict[str, float] = {item.service: float(item.remaining) for item in package.services}
    if not left:
        left = {service: package.remaining_sessions * share for service, share in use.shares.items()}
    visits = use.visits(package.days_remaining)
    expected = sum(use.sessions(service, visits) for service in left)
    return _Held(left, covers=sum(left.values()) > expected)


def _quotas(package: CataloguePackage) -> dict[str, int]:
    return {item.service: item.sessions for item in package.sessions if item.sessions > 0}


def _is_sold_whole(package: CataloguePackage, services: Mapping[str, CatalogueService]) -> bool:
    quotas = _quotas(package)
    return package.price > 0 and package.valid_days > 0 and bool(quotas) and quotas.keys() <= services.keys()


def _shares_with(use: ExpectedUse, added: ServiceRecommendation | None) -> Mapping[str, float]:
    if added is None:
        return use.shares
    weight = added.confidence / (len(use.used) + 1)
    return {
        service: share * (1 - weight) + (weight if service == added.service else 0.0)
        for service, share in use.shares.items()
    }


def _reason(
    use: ExpectedUse,
    share_used: float,
    services: Mapping[str, CatalogueService],
    added: ServiceRecommendation | None,
) -> str:
    monthly = use.recent_sessions / use.recent_days * _DAYS_A_MONTH
    if use.recent_days < RECENT_DAYS:
        habit = f"첫 방문 후 {use.recent_days}일 동안 {use.recent_sessions}회 이용"
    elif use.recent_sessions:
        habit = f"최근 90일 월 {monthly:.1f}회 이용"
    else:
        habit = "최근 90일 이용이 없어 전체 이용 이력으로 계산"
    trial = f", 추천 서비스 {services[added.service].name} 포함" if added else ""
    return f"{habit}, 유효기간 안에 {round(100 * share_used)}% 사용 예상{trial}"


def _based_on(use: ExpectedUse) -> str:
    if not use.recent_sessions:
        return "전체 이용 이력"
    return (
        "최근 3개월 이용 패턴"
        if use.recent_days == RECENT_DAYS
        else f"첫 방문 후 {use.recent_days}일 이용 패턴"
    )


def _factors(added: ServiceRecommendation | None) -> tuple[Factor, ...]:
    own = (Factor.SERVICE_HISTORY, Factor.VISIT_PATTERN, Factor.PACKAGE_PRICES)
    return tuple(dict.fromkeys((*own, *(added.factors if added else ()))))
