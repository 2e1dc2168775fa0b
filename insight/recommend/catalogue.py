"""What the center sells: single sessions and packages of them."""

from dataclasses import dataclass

from insight.recommend.records import ServiceSessions


@dataclass(frozen=True, slots=True)
class CatalogueService:
    """A service as it is sold one session at a time: price in KRW, length in minutes."""

    service: str
    name: str
    price: int
    minutes: int


@dataclass(frozen=True, slots=True)
class CataloguePackage:
    """A package on sale: price in KRW, and the days from its purchase in which its sessions can be used."""

    package_id: int
    name: str
    price: int
    valid_days: int
    sessions: tuple[ServiceSessions, ...]

    @property
    def quotas(self) -> dict[str, int]:
        """Sessions of each service that it holds any of."""
        return {item.service: item.sessions for item in self.sessions if item.sessions > 0}
