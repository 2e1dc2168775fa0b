"""What is asked of the servers: requests as bytes, made once."""

import json
from dataclasses import dataclass

DETAIL = """
query Detail($id: ID!) {
  customer(id: $id) {
    customerId name phone email birthYear gender address emergencyContact occupation region referralSource
    membershipLabel firstVisitDate lastVisitDate totalVisits averageVisitInterval totalRevenue
    averageSatisfaction riskLevel healthGoals healthConcerns notes assignedStaff createdAt updatedAt
    serviceHistory(first: 20) {
      nodes {
        sessionId serviceDate service serviceName status durationMinutes satisfactionRating sessionNotes
        staffName packageName
      }
    }
    packages {
      purchaseId packageName purchaseDate expiryDate totalSessions usedSessions remainingSessions pricePaid
      services { service total used remaining }
    }
    preferences {
      preferredServices preferredTime preferredIntensity healthInterests communicationPreference
      marketingConsent
    }
  }
}
"""
"""The detail document, which the gateway and the stock peer both answer."""

SEARCHES = (
    "",
    "?q=김",
    "?service_filter=brain,pulse",
    "?risk_level=warning&sort_by=revenue",
    "?page=3&size=20",
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of request. `peer` says whether the stock peer answers it too."""

    name: str
    method: str
    paths: tuple[str, ...]
    bodies: tuple[bytes, ...] = (b"",)
    peer: bool = False

    def requests(self, token: str) -> list[bytes]:
        """Return the requests as they go over the wire, for a caller with a token."""
        return [request_bytes(self.method, path, body, token) for path in self.paths for body in self.bodies]


def scenarios(customer_ids: list[int]) -> list[Scenario]:
    """Return what is measured; requests go round the customers."""
    bodies = [{"query": DETAIL, "variables": {"id": str(number)}} for number in customer_ids]
    return [
        Scenario(
            "GraphQL detail",
            "POST",
            ("/graphql",),
            tuple(json.dumps(body).encode() for body in bodies),
            peer=True,
        ),
        Scenario(
            "REST detail", "GET", tuple(f"/api/v1/customers/{number}/detail" for number in customer_ids)
        ),
        Scenario("REST search", "GET", tuple(f"/api/v1/customers/search{query}" for query in SEARCHES)),
    ]


def request_bytes(method: str, path: str, body: bytes, token: str) -> bytes:
    """Return one HTTP/1.1 request."""
    escaped = "".join(
        character if character.isascii() else "".join(f"%{byte:02X}" for byte in character.encode())
        for character in path
    )
    head = f"{method} {escaped} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body
