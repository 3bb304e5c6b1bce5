"""What the deployed service answers: the middleware of its `src/app.js`, in the same order and with the same gaps."""

from __future__ import annotations

import json
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha1
from typing import NamedTuple

import yaml

from readycheck.demo.exposition import CONTENT_TYPE, exposition

#: What helmet 8 sends when it is used without options.
HELMET = {
    "Content-Security-Policy": "default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';"
    "frame-ancestors 'self';img-src 'self' data:;object-src 'none';script-src 'self';script-src-attr 'none';"
    "style-src 'self' https: 'unsafe-inline';upgrade-insecure-requests",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "X-Download-Options": "noopen",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Permitted-Cross-Domain-Policies": "none",
    "X-XSS-Protection": "0",
}

#: Routers that are mounted behind `authenticate`; the one for analytics is not mounted at all.
PROTECTED = ("loans", "payments", "users", "reports", "notifications")

_TYPES = {"js": "application/javascript; charset=UTF-8", "css": "text/css; charset=UTF-8"}
_HTML = "text/html; charset=UTF-8"
_JSON = "application/json; charset=utf-8"
_STACK = """\
    at notFound (/app/src/middleware/errors.js:4:17)
    at Layer.handle [as handle_request] (/app/node_modules/express/lib/router/layer.js:95:5)
    at trim_prefix (/app/node_modules/express/lib/router/index.js:328:13)
    at /app/node_modules/express/lib/router/index.js:286:9"""
_DOCUMENTATION = b"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="UTF-8"><title>Swagger UI</title></head>
<body><div id="swagger-ui"></div><p>The description is at <a href="/api/openapi.json">/api/openapi.json</a>.</p></body>
</html>
"""


class Asked(NamedTuple):
    """A request; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]


class Answer(NamedTuple):
    """A response."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


class Site:
    """The service with its database up, started at some moment. Any number of threads may ask it."""

    def __init__(self, files: Mapping[str, bytes], started: datetime) -> None:
        self.files = files
        self.changed = format_datetime(started.astimezone(UTC).replace(microsecond=0), usegmt=True)
        self.metrics = exposition(started)
        self.description = json.dumps(yaml.safe_load(files["openapi.yaml"]), separators=(",", ":")).encode()

    def answer(self, asked: Asked) -> Answer:
        """What the service says to a request that came over TLS."""
        static = self._static(asked) if asked.method in {"GET", "HEAD"} else None
        return _conditional(asked, static or self._behind_helmet(asked))

    def _static(self, asked: Asked) -> Answer | None:
        """Express serves `/static` before helmet is reached, so these answers have none of its headers."""
        name = asked.path.removeprefix("/static/")
        content = self.files.get(f"public/static/{name}")
        if content is None or name == asked.path:
            return None
        kind = _TYPES[name.rpartition(".")[2]]
        caching = {"Cache-Control": "public, max-age=31536000, immutable", "Last-Modified": self.changed}
        headers = {"X-Powered-By": "Express", "Accept-Ranges": "bytes", **caching}
        return _with_body(Answer(200, headers), kind, content)

    def _behind_helmet(self, asked: Asked) -> Answer:
        headers = {**HELMET, "Vary": "Origin", "Access-Control-Allow-Credentials": "true"}
        if origin := asked.headers.get("origin"):
            headers["Access-Control-Allow-Origin"] = origin
        if asked.method == "OPTIONS":
            headers["Access-Control-Allow-Methods"] = "GET,HEAD,PUT,PATCH,POST,DELETE"
            return Answer(204, headers)
        found = self._routed(asked)
        return found._replace(headers=headers | found.headers)

    def _routed(self, asked: Asked) -> Answer:
        route = self._routes().get(asked.path.rstrip("/") or "/")
        if route is not None and asked.method in {"GET", "HEAD"}:
            return route()
        parts = asked.path.split("/")
        if parts[:3] == ["", "api", "v1"] and len(parts) > 3 and parts[3] in PROTECTED:  # noqa: PLR2004 - /api/v1/…
            return _refused()
        if asked.method == "POST" and asked.path == "/api/v1/auth/login":
            return _json(422, {"error": ['"mobile" is required', '"password" is required']}, no_store=True)
        return _missing(asked.path)

    def _routes(self) -> dict[str, Callable[[], Answer]]:
        return {
            "/metrics": lambda: _with_body(Answer(200, {}), CONTENT_TYPE, self.metrics),
            "/api/v1/health": lambda: _json(200, {"status": "ok", "database": "up"}, no_store=True),
            "/api/openapi.json": lambda: _with_body(Answer(200, {}), _JSON, self.description),
            "/api/docs": lambda: _with_body(Answer(200, {}), _HTML, _DOCUMENTATION),
            "/": lambda: self._page("public/index.html"),
            "/privacy": lambda: self._page("public/privacy.html"),
        }

    def _page(self, name: str) -> Answer:
        headers = {"Cache-Control": "private, no-cache", "Accept-Ranges": "bytes", "Last-Modified": self.changed}
        return _with_body(Answer(200, headers | _session()), _HTML, self.files[name])


def redirected(host: str, target: str) -> Answer:
    """What `enforceHttps` says to a request that came in the clear; `host` has the port of TLS."""
    place = f"https://{host}{target}"
    headers = {"X-Powered-By": "Express", "Location": place, "Vary": "Accept", "Content-Type": "text/plain"}
    return Answer(301, headers, f"Moved Permanently. Redirecting to {place}".encode())


def _session() -> dict[str, str]:
    """A new session for everybody who comes, in a cookie that is neither `Secure` nor `SameSite`."""
    expires = format_datetime(datetime.now(UTC) + timedelta(hours=8), usegmt=True)
    name = f"s%3A{secrets.token_urlsafe(24)}.{secrets.token_urlsafe(32)}"
    return {"Set-Cookie": f"connect.sid={name}; Path=/; Expires={expires}; HttpOnly"}


def _refused() -> Answer:
    answer = _json(401, {"error": "A valid token is required"}, no_store=True)
    return answer._replace(headers=answer.headers | {"WWW-Authenticate": "Bearer"})


def _missing(path: str) -> Answer:
    message = f"Nothing at {path}"
    answer = _json(
        404, {"error": message, "stack": f"Error: {message}\n{_STACK}"}, no_store=path.startswith("/api/v1/")
    )
    return answer._replace(headers=answer.headers | _session())


def _json(status: int, value: object, *, no_store: bool) -> Answer:
    body = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    return _with_body(Answer(status, {"Cache-Control": "no-store"} if no_store else {}), _JSON, body)


def _with_body(answer: Answer, kind: str, body: bytes) -> Answer:
    mark = b64encode(sha1(body, usedforsecurity=False).digest()).decode().rstrip("=")
    headers = {"Content-Type": kind, "ETag": f'W/"{len(body):x}-{mark}"'}
    return Answer(answer.status, answer.headers | headers, body)


def _conditional(asked: Asked, answer: Answer) -> Answer:
    """The answer, or a 304 where the client has it already (RFC 9110 §13.2.2)."""
    if answer.status != 200 or asked.method not in {"GET", "HEAD"} or not _is_fresh(asked, answer):  # noqa: PLR2004
        return answer
    kept = {name: value for name, value in answer.headers.items() if name != "Content-Type"}
    return Answer(304, kept)


def _is_fresh(asked: Asked, answer: Answer) -> bool:
    if known := asked.headers.get("if-none-match"):
        return answer.headers["ETag"] in {one.strip() for one in known.split(",")}
    since, changed = asked.headers.get("if-modified-since"), answer.headers.get("Last-Modified")
    if not since or not changed:
        return False
    try:
        return parsedate_to_datetime(changed) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False
