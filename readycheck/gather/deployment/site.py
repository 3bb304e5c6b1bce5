"""What the user says of a deployment beyond its URL, and the bounds that an audit keeps to."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

#: The most requests of one audit, unless the user says otherwise.
MOST_REQUESTS = 120

#: The most requests that are under way at once.
MOST_AT_ONCE = 16

#: Where interfaces for machines often answer anonymously.
API_PATHS = ("/api",)


Profile = Literal["", "web", "api"]


class Site(Struct, frozen=True, kw_only=True):
    """A deployment as its owner describes it; empty where nothing was said.

    `profile` is `web` or `api`; empty means: what the front page looks like. `api` and `health` are paths that answer
    anonymously. `address` is asked instead of what the host's name resolves to. `headers` are sent with every request
    that is not meant to be a stranger's. `image` is a file with what `docker image inspect` said of the image that was
    deployed. `burst` permits the probing of rate limits.
    """

    profile: Profile = ""
    api: str = ""
    health: str = ""
    address: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    image: str = ""
    burst: bool = False
    most_requests: int = MOST_REQUESTS
