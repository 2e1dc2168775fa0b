"""A customer's packages: all of them, some, or the one in use."""

from collections.abc import Sequence

from db.queries.packages import PackagePurchase
from db.vocabulary import PackageStatus, ServiceCode
from resolvers.context import OperationContext

_SYLLABLES = {
    ServiceCode.BRAIN: "브",
    ServiceCode.PULSE: "펄",
    ServiceCode.LYMPH: "림",
    ServiceCode.RED: "레",
    ServiceCode.AI_BIKE: "바",
    ServiceCode.OTHER: "기",
}


async def packages(
    context: OperationContext, customer_id: int, statuses: Sequence[PackageStatus] | None
) -> list[PackagePurchase]:
    """Return a customer's packages, the one that ends first in front. ACTIVE asks for EXPIRING ones too."""
    found = await context.loaders.packages.load(customer_id)
    if statuses is None:
        return found
    wanted = set(statuses)
    if PackageStatus.ACTIVE in wanted:
        wanted.add(PackageStatus.EXPIRING)
    return [package for package in found if package.status in wanted]


async def active_package(context: OperationContext, customer_id: int) -> PackagePurchase | None:
    """Return the usable package that ends first, since it is the one to be used up next."""
    found = await context.loaders.packages.load(customer_id)
    return next((package for package in found if package.usable), None)


def usage_summary(package: PackagePurchase) -> str:
    """Return used and total sessions of each service in short: "브5/10 펄3/10"; "18/40" without services."""
    if not package.services:
        return f"{package.used_sessions}/{package.total_sessions}"
    return " ".join(
        f"{_SYLLABLES[service.service]}{service.used}/{service.total}" for service in package.services
    )
