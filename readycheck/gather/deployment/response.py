"""Makes facts of what was received: secrets masked, body decoded, redacted and cut."""

from __future__ import annotations

import re

import httpx

from readycheck.facts.deployment import LONGEST_BODY, MOST_RECEIVED, HttpResponse
from readycheck.gather.deployment.decoding import decode, text_of
from readycheck.gather.deployment.exchange import Received
from readycheck.gather.deployment.masking import shown, shown_headers
from readycheck.gather.deployment.walls import wall
from readycheck.redact import redact

#: Text past the cut that is still redacted, so that a secret which the cut divides is seen whole.
_OVERLAP = 8 * 1024

# A name as DNS has it, already in its ASCII form, or an address.
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,252})|[0-9a-f:.]{2,45}", re.IGNORECASE)


def fact(received: Received) -> HttpResponse:
    """The response as it may be saved and shown."""
    decoded = decode(received.body, received.value("content-encoding"))
    text = text_of(decoded.data[: LONGEST_BODY + _OVERLAP], received.value("content-type"))
    body = redact(text).encode("utf-8", "replace")[:LONGEST_BODY].decode("utf-8", "ignore")
    cut = f"only the first {MOST_RECEIVED // 1024 // 1024} MiB were read" if received.cut else ""
    return HttpResponse(
        url=shown(received.url),
        status=received.status,
        headers=shown_headers(received.url, received.headers),
        hops=received.hops,
        body=body,
        received=len(received.body),
        decoded=len(decoded.data),
        seconds=received.seconds,
        http_version=received.http_version,
        peer=received.peer,
        wall=wall(received.status, dict(reversed(received.headers)), text),
        incomplete=cut or decoded.incomplete,
        timing=received.timing,
        tls=received.tls,
    )


def url_of(text: str) -> httpx.URL:
    """An `http` or `https` URL, without user, password, query and fragment: credentials are never sent.

    Raises:
        ValueError: it is none.
    """
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ValueError(str(error)) from error
    if url.scheme not in ("http", "https") or not _HOST.fullmatch(url.raw_host.decode("ascii", "replace")):
        raise ValueError("it must start with http:// or https:// and name a host")
    return url.copy_with(username=None, password=None, raw_path=url.raw_path.partition(b"?")[0], fragment=None)
