"""Fetches a small document over HTTP, within a time and a size, and from nowhere but its address."""

import time
from http.client import HTTPException
from urllib.request import HTTPRedirectHandler, Request, build_opener

_TIMEOUT_SECONDS = 3.0
_LARGEST_DOCUMENT = 256 * 1024  # bytes
_PIECE = 64 * 1024


class CannotFetch(Exception):
    """The document did not come: the server is away, too slow, sends too much, or answers with an error."""


class _NoRedirects(HTTPRedirectHandler):
    """Takes a redirect for the error that it is: the address of keys is configured, not received."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


_OPENER = build_opener(_NoRedirects)


def fetch_document(url: str) -> bytes:
    """Return what an http or https address answers; waits, so it belongs in a thread.

    Raises:
        CannotFetch: nothing usable came in time.
    """
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    asked = Request(url, headers={"Accept": "application/json"})  # noqa: S310 - the settings check the scheme
    try:
        with _OPENER.open(asked, timeout=_TIMEOUT_SECONDS) as response:
            document = b""
            while piece := response.read1(_PIECE):
                document += piece
                if len(document) > _LARGEST_DOCUMENT or time.monotonic() > deadline:
                    raise CannotFetch("too large or too slow")
            return document
    except (OSError, HTTPException, ValueError) as error:
        raise CannotFetch(type(error).__name__) from error
