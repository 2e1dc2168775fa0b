"""Make recommendations for customers: load their rows and the catalogue, and let insight decide."""

from asyncio import gather
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from db.engine import Reader
from db.queries.answers import Answer
from db.queries.catalogue import PackageOffered, ServiceOffered, packages_offered
from db.queries.customers import Customer
from db.queries.packages import PackagePurchase
from db.queries.preferences import Preferences
from insight.goals import goal_tags
from insight.recommend.catalogue import CataloguePackage, CatalogueService
from insight.recommend.feedback import NO_RESPONSES, Action, Response
from insight.recommend.opening_hours import OpeningHours
from insight.recommend.recommender import Center, CustomerEvidence, recommend_everything
from insight.recommend.records import Basis, Recommendation, RecommendationKind, ServiceSessions
from insight.recommend.service_log import CANDIDATES, BoughtPackage
from insight.season import NO_SEASON
from resolvers.loaders import Loaders
from resolvers.models import Models

_DAYS_A_MONTH = 30


class RecommendationMaker:
    """Makes recommendations with one state of the fitted models, as of a day."""

    def __init__(
        self, loaders: Loaders, reader: Reader, models: Models, hours: OpeningHours, today: date
    ) -> None:
        self._loaders = loaders
        self._reader = reader
        self._models = models
        self._hours = hours
        self._today = today

    @property
    def model_version(self) -> str | None:
        """The version of the models; None as long as there are none, and nothing can be made."""
        return self._models.version

    async def make(self, ids: Sequence[int], basis: Basis) -> Mapping[int, tuple[Recommendation, ...]]:
        """Return what to recommend to each customer, perhaps nothing; who is gone by now is left out.

        With `Basis.WITHOUT_HEALTH` nothing of it depends on health data.
        """
        loaders = self._loaders
        center, customers, sessions, packages, preferences, answers = await gather(
            self._center(basis),
            loaders.customer.load_many(ids),
            loaders.completed_sessions.load_many(ids),
            loaders.packages.load_many(ids),
            loaders.preferences.load_many(ids),
            loaders.answers.load_many(ids),
        )
        made: dict[int, tuple[Recommendation, ...]] = {}
        for place, customer in enumerate(customers):
            if customer is None:
                continue
            evidence = CustomerEvidence(
                sessions=sessions[place],
                packages=packages[place],
                held=[_held(package) for package in packages[place] if package.usable],
                responses=[_response(answer) for answer in answers[place]],
                time_slots=_time_slots(customer, preferences[place]),
                goals=goal_tags(customer.health_goals or "") if basis is Basis.FULL else (),
            )
            made[customer.customer_id] = recommend_everything(evidence, center, self._today)
        return made

    async def _center(self, basis: Basis) -> Center:
        models = self._models
        services, packages = await gather(
            self._loaders.services_offered.load_many(CANDIDATES), packages_offered(self._reader)
        )
        return Center(
            churn=models.churn,
            season=models.season or NO_SEASON,
            habits=models.visits,
            services=models.services if basis is Basis.FULL else models.services_without_health,
            responses=models.responses or NO_RESPONSES,
            offered=_on_sale(services),
            packages=[_package(package) for package in packages],
            hours=self._hours,
        )


def _on_sale(services: Iterable[ServiceOffered | None]) -> dict[str, CatalogueService]:
    """Return the services on sale; one whose length nobody wrote down cannot be planned."""
    return {
        str(one.service): CatalogueService(str(one.service), one.name, one.price or 0, one.minutes)
        for one in services
        if one is not None and one.offered and one.minutes
    }


def _held(package: PackagePurchase) -> BoughtPackage:
    return BoughtPackage(
        bought_on=package.purchase_date,
        expires_on=package.expiry_date,
        sessions={str(part.service): part.total for part in package.services},
    )


def _package(package: PackageOffered) -> CataloguePackage:
    return CataloguePackage(
        package_id=package.package_id,
        name=package.name,
        price=package.price,
        valid_days=package.valid_months * _DAYS_A_MONTH,
        sessions=tuple(ServiceSessions(str(service), count) for service, count in package.sessions),
    )


def _response(answer: Answer) -> Response:
    return Response(
        kind=RecommendationKind(answer.kind),
        subject=answer.subject,
        action=Action(answer.action),
        score=answer.score,
        answered_on=answer.answered_on,
    )


def _time_slots(customer: Customer, preferences: Preferences | None) -> set[str]:
    stated = [*customer.preferred_time_slots, preferences.preferred_time if preferences else None]
    return {str(slot) for slot in stated if slot is not None}
