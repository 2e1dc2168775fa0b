"""Packages: what a customer bought, and what is left of it."""

from datetime import date

import strawberry

from resolvers import packages
from resolvers.domain import PackagePurchase as PackagePurchaseRecord
from resolvers.domain import PackageStatus, ServiceCode
from schema.scalars import KRW


@strawberry.type(description="The sessions of one service in a package.")
class PackageService:
    """One service of a package."""

    service: ServiceCode = strawberry.field(description="Which service.")
    total: int = strawberry.field(description="Sessions bought.")
    used: int = strawberry.field(description="Sessions used.")
    remaining: int = strawberry.field(description="Sessions left.")


@strawberry.type(description="A package as one customer bought it.")
class PackagePurchase:
    """One purchased package."""

    purchase_id: int = strawberry.field(description="The center's number of the purchase.")
    package_name: str = strawberry.field(description="The package's name in the catalogue.")
    short_name: str = strawberry.field(description='The name without a closing "패키지".')
    purchase_date: date = strawberry.field(description="The day it was bought.")
    expiry_date: date = strawberry.field(description="The last day on which it can be used.")
    total_sessions: int = strawberry.field(description="Sessions bought.")
    used_sessions: int = strawberry.field(description="Sessions used.")
    remaining_sessions: int = strawberry.field(description="Sessions left.")
    price_paid: KRW | None = strawberry.field(description="What the customer paid for it.")
    usage_rate: float | None = strawberry.field(
        description="Share used in percent, one decimal; null for a package without sessions."
    )
    days_remaining: int = strawberry.field(
        description="Days until the expiry date; negative once it has passed."
    )
    status: PackageStatus = strawberry.field(description="Where it stands today.")
    services: list[PackageService] = strawberry.field(
        description="Its sessions by service; empty where the center did not say."
    )

    @strawberry.field(description='Used and total sessions by service in short, such as "브5/10 펄3/10".')
    @staticmethod
    def usage_summary(root: strawberry.Parent[PackagePurchaseRecord]) -> str:
        """Return the usage in short."""
        return packages.usage_summary(root)
