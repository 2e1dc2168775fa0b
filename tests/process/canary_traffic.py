"""What people and programs send about one customer: sound, mistaken, forged, too much and too late."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import jwt
from harness import token
from process.canary import (
    BIRTH_YEAR,
    CONTACT_AND_PERSONAL,
    EVERYTHING,
    HEALTH,
    INTERESTS,
    OPEN,
    PROFILE,
)
from process.program import CUSTOMER

SEARCH, ANALYTICS = "/api/v1/customers/search", "/api/v1/customers/123/analytics"
SEGMENT, ADVICE = "/api/v1/customers/segments/123", "/api/v1/customers/123/recommendations"
REFUSED_OCCUPATION = f"{PROFILE['occupation']} the Second"
"""A value that the test's database refuses in the middle of a write."""

TEXTS = {key: value for key, value in PROFILE.items() if isinstance(value, str)}
NAME, PHONE, EMAIL, OCCUPATION = (PROFILE[key] for key in ("name", "phone", "email", "occupation"))
PERSONAL = "phone email address emergencyContact birthYear occupation notes healthGoals healthConcerns"
CUSTOMER_FIELDS = f"""name region referralSource {PERSONAL} totalRevenue preferences {{ healthInterests }}
    serviceHistory(first: 3) {{ edges {{ cursor node {{ sessionNotes }} }} pageInfo {{ endCursor }} }}"""
UPDATE = f"""mutation ($input: UpdateCustomerInput!) {{
    updateCustomer(input: $input) {{ customer {{ {CUSTOMER_FIELDS} }} }} }}"""
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Person:
    """Who asks: a role with scopes, and the fields of a customer that the policy shows to them."""

    role: str
    scopes: tuple[str, ...]
    shown: frozenset[str]

    @property
    def token(self) -> str:
        name = "-".join((self.role.lower(), *(scope.replace(":", "-") for scope in self.scopes)))
        return token(self.role, subject=f"{name}@center.example", scopes=self.scopes)


STAFF = Person("STAFF", (), OPEN)
NURSE = Person("STAFF", ("health:read",), OPEN | HEALTH)
MANAGER = Person("MANAGER", (), OPEN | CONTACT_AND_PERSONAL)
DOCTOR = Person("MANAGER", ("health:read",), EVERYTHING)
ADMIN = Person("ADMIN", (), EVERYTHING)
PEOPLE = (STAFF, NURSE, MANAGER, DOCTOR, ADMIN)


@dataclass(frozen=True)
class Request:
    """One request, and the status that it should get; `person` is None for somebody without a good token."""

    person: Person | None
    status: int
    method: str
    path: str
    options: dict[str, Any] = field(default_factory=dict)


def rest(person: Person | None, status: int, path: str = CUSTOMER, **options: Any) -> Request:
    return Request(person, status, options.pop("method", "GET"), path, options)


def put(status: int, *, person: Person | None = ADMIN, path: str = CUSTOMER, **changes: Any) -> Request:
    return Request(person, status, "PUT", path, {"json": changes})


def graphql(person: Person | None, status: int, document: str, /, **variables: Any) -> Request:
    body = {"query": document, "variables": variables}
    return Request(person, status, "POST", "/graphql", {"json": body})


def set_up() -> Request:
    """Return the write that makes customer 123 the canary."""
    return put(200, **PROFILE, preferences={"health_interests": INTERESTS})


def reads() -> Iterator[Request]:
    by_name = f'(filter: {{ q: "{NAME}" }}, sortBy: NAME)'
    for person in PEOPLE:
        yield rest(person, 200)
        yield rest(person, 200, CUSTOMER + "/")
        for wanted in (NAME, PHONE, PHONE.replace("-", ""), "4826", "9137"):
            yield rest(person, 200, SEARCH, params={"q": wanted, "sort_by": "name"})
        yield graphql(person, 200, f"{{ customer(id: 123) {{ {CUSTOMER_FIELDS} }} }}")
        node = f'node(id: "Q3VzdG9tZXI6MTIz") {{ ... on Customer {{ {PERSONAL} }} }}'
        yield graphql(person, 200, f"{{ {node} }}")
        yield graphql(person, 200, f"{{ customers{by_name} {{ edges {{ cursor node {{ {PERSONAL} }} }} }} }}")
        yield graphql(person, 200, f"{{ customerSearch{by_name} {{ customers {{ {CUSTOMER_FIELDS} }} }} }}")
        for sort in ("NAME", "LAST_VISIT", "TOTAL_VISITS"):
            page = "edges { cursor } pageInfo { endCursor startCursor }"
            yield graphql(person, 200, f"{{ customers(sortBy: {sort}, first: 100) {{ {page} }} }}")
    yield rest(ADMIN, 200, method="HEAD")
    for person in (MANAGER, DOCTOR, ADMIN):
        for path in (ANALYTICS, SEGMENT, ADVICE):
            yield rest(person, 200, path)


def updates() -> Iterator[Request]:
    yield put(200, occupation=OCCUPATION, customer_id=BIRTH_YEAR)
    yield graphql(ADMIN, 200, UPDATE, input={"id": "123", "notes": PROFILE["notes"]})
    # refused by the form of a value, by the policy, by the state of things, and by the database itself
    for changes in (
        {"email": f"{EMAIL} and {PHONE}"},
        {"phone": f"{PHONE}{BIRTH_YEAR}"},
        {"name": NAME * 20},
        {"name": None, "notes": PROFILE["notes"]},
        {"birth_year": 2000 + BIRTH_YEAR, "occupation": OCCUPATION},
        {"birth_year": f"{BIRTH_YEAR}"},
        {"gender": OCCUPATION},
        {"notes": f"{PROFILE['notes']}\0"},
        {"notes": [PROFILE["notes"]]},
        {"preferences": {"health_interests": INTERESTS * 30, "preferred_time": INTERESTS[0]}},
        {"preferences": INTERESTS},
        {OCCUPATION: NAME, NAME: OCCUPATION},
    ):
        yield put(400, **changes)
    for person, status in ((STAFF, 403), (DOCTOR, 403), (None, 401)):
        yield put(status, person=person, **PROFILE)
    yield put(404, path="/api/v1/customers/8675309/detail", **PROFILE)
    yield graphql(ADMIN, 200, UPDATE, input={"id": "123", "name": NAME, "updatedAt": "2000-01-01T00:00:00Z"})
    yield graphql(ADMIN, 400, UPDATE, input={"id": "123", "birthYear": OCCUPATION, OCCUPATION: NAME})
    yield graphql(STAFF, 200, UPDATE, input={"id": "123", "notes": PROFILE["notes"], "email": EMAIL})
    yield put(500, **{**PROFILE, "occupation": REFUSED_OCCUPATION})
    changes = f'{{ id: 123, occupation: "{REFUSED_OCCUPATION}" }}'
    refused = f"updateCustomer(input: {changes}) {{ customer {{ id }} }}"
    yield graphql(ADMIN, 200, f"mutation {{ {OCCUPATION}: {refused} }}")


def mistakes() -> Iterator[Request]:
    yield from _wrong_addresses()
    yield from _wrong_documents()
    yield from _wrong_bodies()
    yield from _strange_headers()


def _wrong_addresses() -> Iterator[Request]:
    for person, status in ((None, 404), (STAFF, 404)):
        yield rest(person, status, f"/api/v1/{quote(NAME)}/{PHONE}")
        yield rest(person, status, f"/{EMAIL}")
    for value in (NAME, PHONE, EMAIL):
        yield rest(STAFF, 400, f"/api/v1/customers/{quote(value)}/detail")
        for name in ("risk_level", "page", "last_visit_from", "sort_by", value):
            yield rest(STAFF, 400, SEARCH, params={name: value})
    yield rest(STAFF, 400, SEARCH, params=[("q", NAME), ("q", PHONE)])
    yield rest(STAFF, 400, SEARCH, params={"q": f"{NAME}\n{PHONE}"})
    yield rest(STAFF, 400, SEARCH, params={"q": NAME * 100})
    yield rest(STAFF, 403, SEARCH, params={"q": NAME, "sort_by": "revenue"})
    yield rest(STAFF, 403, ANALYTICS, params={"period": "90d"})
    yield rest(ADMIN, 405, CUSTOMER, method="DELETE", params={"q": NAME})
    yield rest(STAFF, 414, SEARCH + "?q=" + quote(NAME) * 1500)


def _wrong_documents() -> Iterator[Request]:
    for person in (STAFF, ADMIN):
        yield graphql(person, 200, f'{{ customer(id: "{NAME}") {{ name }} }}')
        yield graphql(person, 400, f"{{ customer(id: 123) {{ {OCCUPATION} }} }}")
        yield graphql(person, 400, f'{{ customers(filter: {{ riskLevel: "{NAME}" }}) {{ totalCount }} }}')
        yield graphql(person, 400, f'{{ customer(id: 123) {{ name }} "{PHONE}')
        yield graphql(person, 200, f'{{ customers(after: "{EMAIL}") {{ totalCount nodes {{ name }} }} }}')
        yield graphql(person, 400, "query ($q: Int) { me { subject } }", q=NAME)
        yield graphql(person, 400, f"# {NAME} {PHONE}\n" + "{ me { subject } }" * 2)
        asked = {"query": "{ a: me { subject } }", "operationName": OCCUPATION}
        yield rest(person, 400, "/graphql", method="POST", json=asked)
        yield rest(person, 400, "/graphql", params={"query": f"mutation {{ {OCCUPATION} }}"})
        yield rest(person, 400, "/graphql", params={"query": "{ me { role } }", "variables": NAME})
    yield rest(STAFF, 200, "/graphql", params={"query": f"{{ customer(id: 123) {{ {OCCUPATION}: name }} }}"})
    document = f'mutation {{ {OCCUPATION}: updateCustomer(input: {{ id: 123, name: "{NAME}" }}) {{ x }} }}'
    explain = """query ($document: String!, $more: JSON) {
        accessExplain(document: $document, role: STAFF, variables: $more) { fields { path rule } } }"""
    yield graphql(ADMIN, 200, explain, document=document, more=TEXTS)
    sound = f'{{ {OCCUPATION}: customers(filter: {{ q: "{NAME}" }}) {{ nodes {{ phone }} }} }}'
    yield graphql(ADMIN, 200, explain, document=sound, more=TEXTS)
    yield graphql(STAFF, 200, explain, document=sound, more=TEXTS)
    audit = "query ($who: String, $of: ID) { auditLog(actor: $who, customerId: $of) { nodes { actor } } }"
    yield graphql(ADMIN, 200, audit, who=EMAIL, of="123")
    yield graphql(ADMIN, 200, audit, who=f"{NAME}\0")
    yield graphql(STAFF, 200, audit, who=EMAIL, of=NAME)
    everything = "edges { cursor node { actor address userAgent operation outcome requestId } }"
    yield graphql(ADMIN, 200, f"{{ auditLog(first: 100) {{ {everything} }} }}")


def _wrong_bodies() -> Iterator[Request]:
    text = f'{{"notes": "{PROFILE["notes"]}", "name": "{NAME}'
    for path, method in ((CUSTOMER, "PUT"), ("/graphql", "POST")):
        for body in (text, f'["{NAME}"]', NAME, f'"{EMAIL}"', text + '\\ud800"}', "[" * 11_000 + NAME):
            yield rest(ADMIN, 400, path, method=method, content=body.encode(), headers=JSON)
        yield rest(ADMIN, 400, path, method=method, content=f'{text}"}}'.encode("utf-16"), headers=JSON)
        yield rest(ADMIN, 400, path, method=method, content=text.encode() + b'\xff"}', headers=JSON)
        yield rest(ADMIN, 415, path, method=method, data=TEXTS)
        yield rest(ADMIN, 413, path, method=method, content=NAME.encode() * 5_000, headers=JSON)


def _strange_headers() -> Iterator[Request]:
    value = f"{NAME} {PHONE} {EMAIL} {OCCUPATION}".encode()
    for name in (
        "Accept", "Accept-Language", "Cookie", "Forwarded", "From", "If-None-Match", "If-Modified-Since",
        "Origin", "Range", "Referer", "X-Forwarded-For", "X-Forwarded-Host", "X-Request-ID",
        f"X-{OCCUPATION}",
    ):  # fmt: skip
        yield rest(STAFF, 200, headers={name: value})
        yield rest(STAFF, 404, f"/api/v1/{OCCUPATION}", headers={name: value})
    preflight = {"Origin": f"https://{OCCUPATION}.example", "Access-Control-Request-Method": "GET"}
    asked = {"Access-Control-Request-Headers": f"x-{OCCUPATION}"}
    yield rest(None, 400, method="OPTIONS", headers={**preflight, **asked})
    yield rest(ADMIN, 415, "/graphql", method="POST", content=b"{}", headers={"Content-Type": value})
    yield rest(STAFF, 431, headers={"Cookie": value * 1000})


def forgeries() -> Iterator[Request]:
    secret = "a secret of somebody else's, 32+ bytes"
    for claims in (TEXTS, {"sub": EMAIL, "role": "ADMIN"}):
        forged = jwt.encode({**claims, "exp": 4e9}, secret, headers={"kid": NAME})
        for header in (f"Bearer {forged}", f"Basic {forged}", f"Bearer {forged}.{OCCUPATION}"):
            yield rest(None, 401, headers={"Authorization": header})
            query = {"query": f'{{ customers(filter: {{ q: "{NAME}" }}) {{ totalCount }} }}'}
            yield rest(None, 401, "/graphql", method="POST", json=query, headers={"Authorization": header})
    yield rest(None, 401, SEARCH, params={"q": NAME, OCCUPATION: PHONE})


def unsound_tokens(secret: str) -> Iterator[Request]:
    """Yield requests with tokens that the center signed, and nobody accepts."""
    sound = {"sub": "clerk@center.example", "role": "ADMIN", "exp": 4e9}
    unsound = {"role": NAME, "sub": NAME * 100, "exp": NAME, "type": OCCUPATION, "scope": {NAME: 1}}
    for claim in ({name: value} for name, value in unsound.items()):
        signed = jwt.encode({**sound, **claim}, secret)
        yield rest(None, 401, headers={"Authorization": f"Bearer {signed}"})


def too_much(analytics_quota: int) -> Iterator[Request]:
    hasty = Person("MANAGER", ("hasty",), MANAGER.shown)
    one = f"customer(id: 123) {{ {PERSONAL} analytics {{ period }} }}"
    aliases = " ".join(f"a{number}: {one}" for number in range(analytics_quota + 1))
    yield graphql(hasty, 429, f'{{ {aliases} customers(filter: {{ q: "{NAME}" }}) {{ totalCount }} }}')
    for _ in range(analytics_quota):
        yield rest(hasty, 200, ANALYTICS)
    yield rest(hasty, 429, ANALYTICS)


def broken_http(port: int) -> bytes:
    """Send what is no HTTP, or ends too soon, each on a socket of its own, and return all that comes back."""
    answered = b""
    value = f"{NAME} {PHONE} {OCCUPATION}".encode()
    for request in (
        value + b" / HTTP/1.1\r\nHost: a\r\n\r\n",
        OCCUPATION.upper().encode() + b" / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /" + value + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /api/v1/" + OCCUPATION.encode() + b" HTTP/1.1\r\nHost: a\r\n" + value + b"\r\n\r\n",
        b"PUT " + CUSTOMER.encode() + b" HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n" + value,
        b"POST /graphql HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + value,
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                answered += part
    return answered
