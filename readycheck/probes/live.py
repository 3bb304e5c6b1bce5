"""What every judgement over responses shares: which responses are the site's, and how they are named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Literal, NamedTuple

from readycheck.facts.deployment import HttpResponse, Sample, Samples
from readycheck.model import Finding, Location
from readycheck.probes.probe import Judgement, not_applicable, unknown

#: The outcome of a check that found nothing to look at.
Missing = Literal["fail", "unknown", "not_applicable"]

#: The methods that a probe may ask with: none of them changes anything.
Method = Literal["GET", "HEAD", "OPTIONS", "TRACE"]

_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}):[ \t]*([\x20-\x7e\t]{0,1000})")
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,300})<", re.IGNORECASE)
_HTML = ("text/html", "application/xhtml+xml")

#: Statuses of a path that is not there (RFC 9110 §15.5.5, §15.5.11).
ABSENT = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)

_REFUSALS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "asks for credentials",
    HTTPStatus.FORBIDDEN: "refuses access",
    HTTPStatus.NOT_FOUND: "is not there",
    HTTPStatus.GONE: "is not there",
    HTTPStatus.TOO_MANY_REQUESTS: "limits the rate",
}


class Seen(NamedTuple):
    """Responses that may be graded, and why the others may not."""

    responses: tuple[HttpResponse, ...]
    ungraded: tuple[str, ...] = ()

    @property
    def examined(self) -> str:
        """In words: what was looked at."""
        names = ", ".join(f"{response.url} ({response.status})" for response in self.responses)
        aside = f"; not graded: {'; '.join(self.ungraded)}" if self.ungraded else ""
        edges = sorted({vendor for response in self.responses if (vendor := edge(response))})
        before = f"; these facts describe the edge ({', '.join(edges)}), not what stands behind it" if edges else ""
        return f"looked at {names or 'no response'}{aside}{before}"


def ungraded(response: HttpResponse, *, absent: bool = False) -> str:
    """Why this response says nothing about the site (a wall, a refusal, an error page), or an empty text.

    With `absent` the page of a path that is not there may be graded: it is the site's own.
    """
    if response.wall:
        return f"{response.url} is behind {response.wall}"
    reason = _refusal(response.status)
    if not reason or (absent and response.status in ABSENT):
        return ""
    return f"{response.url} {reason} ({response.status})"


def _refusal(status: int) -> str:
    if status in _REFUSALS:
        return _REFUSALS[status]
    if is_redirect(status) and status != HTTPStatus.NOT_MODIFIED:
        return "points to another host, which is not audited"
    if is_server_error(status):
        return "answers with an error page"
    return "refuses the request" if is_client_error(status) else ""


def is_success(status: int) -> bool:
    """Is it of the class 2xx (RFC 9110 §15.3)?"""
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def is_redirect(status: int) -> bool:
    """Is it of the class 3xx (RFC 9110 §15.4)?"""
    return HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST


def is_client_error(status: int) -> bool:
    """Is it of the class 4xx (RFC 9110 §15.5)?"""
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR


def is_server_error(status: int) -> bool:
    """Is it of the class 5xx (RFC 9110 §15.6)?"""
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR


def is_undecided(response: HttpResponse) -> bool:
    """Did a wall, a rate limit or an error of the server stand before whatever is at this path?"""
    limited = response.status == HTTPStatus.TOO_MANY_REQUESTS
    return bool(response.wall) or limited or is_server_error(response.status)


def is_everywhere(response: HttpResponse, nowhere: HttpResponse) -> bool:
    """Is it what the site answers at any path, such as the one page of an application that runs in the browser?"""
    if response.status != nowhere.status or media_type(response) != media_type(nowhere):
        return False
    titles = [_TITLE.search(one.body) for one in (response, nowhere)]
    return response.body == nowhere.body or (all(titles) and len({found[1].strip() for found in titles if found}) == 1)


def seen(responses: Iterable[HttpResponse]) -> Seen:
    """These responses, those that may not be graded set apart."""
    found = list(responses)
    reasons = [reason for response in found if (reason := ungraded(response))]
    return Seen(tuple(response for response in found if not ungraded(response)), tuple(reasons))


def sampled(samples: Samples, kinds: Sequence[str]) -> Seen:
    """The sample's responses of these kinds; what could not be had at all counts as not graded.

    A site is never graded by its missing page alone: frameworks protect that one even where nothing else is protected.
    A redirect is graded where it is asked for by its kind.
    """
    wanted = [sample for sample in samples.responses if sample.kind in kinds]
    reasons = [(sample, _sample_ungraded(sample)) for sample in wanted]
    # A missing page or an asset behind a refusal is no gap: nobody named it. A page or a named path is.
    gaps = [reason for sample, reason in reasons if reason and sample.named]
    graded = [sample for sample, reason in reasons if not reason]
    only_missing = all(sample.kind in ("missing", "redirect") for sample in graded)
    # The API and the health path may be one and the same response.
    responses = tuple(dict.fromkeys(sample.response for sample in graded))
    if not responses:
        gaps = [reason for _, reason in reasons if reason] or [_ABSENT_KINDS.get(kind, "") for kind in kinds[:1]]
    return Seen(() if only_missing else responses, (*filter(None, gaps), *samples.unseen))


#: What it means that a kind of response was not found.
_ABSENT_KINDS = {
    "asset": "the front page links no static asset of its own host",
    "api": "no path of an interface was found (name one with `api`)",
    "health": "no health endpoint was found",
}


def _sample_ungraded(sample: Sample) -> str:
    if sample.kind == "redirect" and is_redirect(sample.response.status) and not sample.response.wall:
        return ""
    return ungraded(sample.response, absent=sample.kind == "missing")


def pages(samples: Samples) -> Seen | Judgement:
    """The pages of a sample that a browser shows, or the judgement where there are none.

    A site whose profile is `api` has none to judge, whatever its front page says in passing.
    """
    if samples.profile == "api":
        return not_applicable("the profile is api: its answers are for machines, and no browser shows them as pages")
    found = sampled(samples, ("page", "path"))
    if not found.responses:
        return unknown(found.examined)
    shown = tuple(response for response in found.responses if is_html(response))
    if shown:
        return found._replace(responses=shown)
    return unknown(found.examined) if found.ungraded else not_applicable(f"no page for a browser; {found.examined}")


#: Headers that an edge network adds, and whose it is (its vendor's documentation).
_EDGES = (
    ("cf-ray", "Cloudflare"),
    ("x-amz-cf-id", "Amazon CloudFront"),
    ("x-azure-ref", "Azure Front Door"),
    ("x-vercel-id", "Vercel"),
    ("x-nf-request-id", "Netlify"),
    ("fly-request-id", "Fly.io"),
    ("x-akamai-transformed", "Akamai"),
    ("x-akamai-request-id", "Akamai"),
    ("akamai-grn", "Akamai"),
    ("x-iinfo", "Imperva"),
    ("x-sucuri-id", "Sucuri"),
    ("x-fastly-request-id", "Fastly"),
    ("x-served-by", "Fastly"),
    ("cdn-requestid", "Bunny"),
)


def edge(response: HttpResponse) -> str:
    """The edge network that answered, or an empty text when none names itself."""
    sent = {name for name, _ in response.headers}
    named = next((vendor for name, vendor in _EDGES if name in sent), "")
    via = (response.value("via") or "").lower()
    return named or ("a proxy that names itself in Via" if via else "")


def is_html(response: HttpResponse) -> bool:
    """Is it a page that a browser shows? Without a content type browsers look at the text (WHATWG MIME Sniffing)."""
    kind = media_type(response)
    if not kind:
        return (
            re.match(r"\s*<(?:!doctype html|html|head|body|script)\b", response.body[:500], re.IGNORECASE) is not None
        )
    return kind in _HTML


def media_type(response: HttpResponse) -> str:
    """The content type without its parameters, in lower case."""
    return (response.value("content-type") or "").partition(";")[0].strip().lower()


def at(response: HttpResponse, message: str, excerpt: str = "") -> Finding:
    """A finding at this response."""
    return Finding(message, Location(url=response.url), excerpt[:300])


def fields(lines: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Request headers from lines such as `Origin: https://evil.example`.

    Raises:
        ValueError: a line is no header.
    """
    matches = [(line, _FIELD.fullmatch(line)) for line in lines]
    for line, match in matches:
        if match is None:
            raise ValueError(f"{line!r} is no header line: write it as `Name: value`")
    return tuple((match[1], match[2]) for _, match in matches if match is not None)


def require_paths(paths: Sequence[str]) -> None:
    """Refuse paths that no URL can have.

    Raises:
        ValueError: there is none, or one does not start with `/` or holds what a URL cannot.
    """
    if not paths:
        raise ValueError("at least one path is needed")
    for path in paths:
        if not re.fullmatch(r"/[\x21-\x7e]{0,1000}", path) or "#" in path:
            raise ValueError(f"{path!r} must be a path that starts with `/`, encoded as in a URL")
