"""A GitHub that remembers comments and analyses, on loopback, with the manners of its REST API."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Hub:
    """One repository; `readonly` answers writes as it does for a token of a fork."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.analyses: list[dict[str, Any]] = []
        self.writes: list[str] = []
        self.tokens: set[str] = set()
        self.readonly = False
        self.url = ""

    def answer(self, method: str, target: str, value: Any) -> tuple[int, Any]:
        """The status and the body."""
        parts = urlsplit(target)
        path = parts.path.removeprefix("/repos/shop/loans/")
        if method != "GET":
            if self.readonly:
                return 403, {"message": "Resource not accessible by integration"}
            self.writes.append(f"{method} {path}")
        if path == "code-scanning/sarifs":
            self.analyses.append(value)
            return 202, {"id": "1"}
        if method == "PATCH":
            found = next(one for one in self.comments if one["id"] == int(path.rsplit("/", 1)[1]))
            found["body"] = value["body"]
            return 200, found
        if method == "POST":
            if len(value["body"]) > 65_536:
                return 422, {"message": "body is too long"}
            self.comments.append(
                {"id": len(self.comments) + 1, "body": value["body"], "user": {"type": "Bot", "login": "bot"}}
            )
            return 201, self.comments[-1]
        asked = parse_qs(parts.query)
        size, page = int(asked["per_page"][0]), int(asked["page"][0])
        return 200, self.comments[(page - 1) * size : page * size]


@contextmanager
def serving() -> Iterator[Hub]:
    """The hub, listening until the block ends."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            value = json.loads(self.rfile.read(size)) if size else None
            hub.tokens.add(self.headers["Authorization"])
            status, body = hub.answer(self.command, self.path, value)
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = _any  # noqa: N815 - http.server calls them so

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its own name
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
