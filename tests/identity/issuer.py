"""An issuer of tokens: it signs with key pairs of its own and publishes the public halves on loopback."""

import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import get_default_algorithms

ALGORITHMS = ("RS256", "ES256", "EdDSA")


@cache
def private_key(algorithm: str, name: str = "first") -> Any:
    """Return the private key of an algorithm and a name: always the same one in a test process."""
    assert name
    match algorithm:
        case "RS256":
            return rsa.generate_private_key(65537, 2048)
        case "ES256":
            return ec.generate_private_key(ec.SECP256R1())
        case _:
            return ed25519.Ed25519PrivateKey.generate()


def pem(algorithm: str) -> str:
    """Return a public key as text, as an issuer shows it to everybody."""
    public = private_key(algorithm).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def entry(algorithm: str, name: str = "first", **changes: object) -> dict[str, object]:
    """Return the entry of a key in a key set, but for some changes; a change to None leaves a member out."""
    public = private_key(algorithm, name).public_key()
    members = get_default_algorithms()[algorithm].to_jwk(public, as_dict=True)
    members.pop("key_ops", None)
    sound = {**members, "kid": f"{algorithm}-{name}", "alg": algorithm, "use": "sig"}
    return {key: value for key, value in {**sound, **changes}.items() if value is not None}


def private_entry(algorithm: str) -> dict[str, object]:
    """Return the entry of a key as an issuer must never publish it."""
    members = get_default_algorithms()[algorithm].to_jwk(private_key(algorithm), as_dict=True)
    return {key: value for key, value in members.items() if key != "key_ops"}


def key_set(*entries: object) -> bytes:
    """Return the text of a key set."""
    return json.dumps({"keys": entries}).encode()


def every_key(name: str = "first") -> bytes:
    """Return a key set with one key of each kind."""
    return key_set(*(entry(algorithm, name) for algorithm in ALGORITHMS))


def signed(
    algorithm: str = "ES256",
    name: str = "first",
    *,
    headers: Mapping[str, object] | None = None,
    **claims: Any,
) -> str:
    """Return a sound token, but for some claims: None leaves one out, a timedelta is counted from now."""
    now = datetime.now(UTC)
    sound: dict[str, Any] = {
        "sub": "admin@center.example",
        "role": "ADMIN",
        "exp": timedelta(hours=1),
    }
    kept = {
        claim: now + value if isinstance(value, timedelta) else value
        for claim, value in {**sound, **claims}.items()
        if value is not None
    }
    named = {"kid": f"{algorithm}-{name}", **(headers or {})}
    return jwt.encode(
        kept, private_key(algorithm, name), algorithm=algorithm, headers={k: v for k, v in named.items() if v}
    )


class Issuer:
    """A server that publishes a document, counts how often it is asked, and can be made to misbehave."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.url = f"http://127.0.0.1:{server.server_address[1]}/keys"
        self.document = every_key()
        self.status = 200
        self.location: str | None = None
        self.asked = 0
        self.answered = 0
        self.open = threading.Event()
        self.open.set()


@contextmanager
def running_issuer() -> Generator[Issuer]:
    """Run an issuer in a thread until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked += 1
            issuer.open.wait(10)
            self.send_response(issuer.status)
            self.send_header("Content-Length", str(len(issuer.document)))
            if issuer.location:
                self.send_header("Location", issuer.location)
            issuer.answered += 1
            self.end_headers()
            self.wfile.write(issuer.document)

        def log_message(self, *_: object) -> None:
            """Say nothing: pytest shows what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = Issuer(server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield issuer
    finally:
        issuer.open.set()
        server.shutdown()
        thread.join()
        server.server_close()
