"""Times an exchange by what its connection reports."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from readycheck.facts.deployment import Timing


class Clock:
    """Hears the trace of one exchange (httpcore's `trace` extension). Waiting for a free connection is not counted."""

    def __init__(self) -> None:
        self._made = time.monotonic()
        self._at: dict[str, float] = {}

    async def heard(self, event: str, _: Mapping[str, Any]) -> None:
        """Note when an event came first."""
        self._at.setdefault(event, time.monotonic())

    @property
    def reused(self) -> bool:
        """Was the request sent over a connection that was there already?"""
        return any("send_request_headers" in event for event in self._at) and not self._set_up("connect_tcp")

    @property
    def answered(self) -> bool:
        """Has the head of an answer come?"""
        return any(event.endswith("receive_response_headers.complete") for event in self._at)

    def seconds(self) -> float:
        """From the first thing that was done until now."""
        return round(time.monotonic() - min(self._at.values(), default=self._made), 4)

    def timing(self) -> Timing:
        """The parts."""
        sent = self._last("send_request_headers.started")
        head = self._last("receive_response_headers.complete")
        return Timing(
            connect=round(self._set_up("connect_tcp"), 4),
            tls=round(self._set_up("start_tls"), 4),
            first_byte=round(max(0.0, head - sent), 4) if head and sent else 0.0,
            reused=self.reused,
        )

    def _set_up(self, step: str) -> float:
        start, end = self._last(f"{step}.started"), self._last(f"{step}.complete")
        return max(end - start, 1e-6) if start and end else 0.0

    def _last(self, suffix: str) -> float:
        return next((at for event, at in reversed(self._at.items()) if event.endswith(suffix)), 0.0)
