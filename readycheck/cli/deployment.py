"""Reads what the command line and the checklist say of a deployment beyond its URL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol, cast, get_args
from urllib.parse import urlsplit

from readycheck.checklist import DeploymentEntry, require_reference
from readycheck.cli.inputs import expand
from readycheck.errors import UsageError
from readycheck.gather.deployment.site import MOST_REQUESTS, Profile, Site
from readycheck.reading import nearest


class Said(Protocol):
    """What the command line says; empty where it says nothing."""

    @property
    def profile(self) -> str: ...  # noqa: D102 - each is the option of its name
    @property
    def resolve(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def headers(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def image(self) -> str: ...  # noqa: D102
    @property
    def probe_rate_limit(self) -> bool: ...  # noqa: D102
    @property
    def most_requests(self) -> int: ...  # noqa: D102


def site(said: Said, entry: DeploymentEntry, url: str) -> Site:
    """The deployment as both describe it; the command line goes first.

    Raises:
        UsageError: an option makes no sense.
    """
    return Site(
        profile=_profile(said.profile) or entry.profile,
        api=entry.api,
        health=entry.health,
        address=_address(said.resolve, url),
        headers=tuple(_headers(said.headers, entry.headers)),
        image=_image(said.image or entry.image),
        burst=said.probe_rate_limit,
        most_requests=said.most_requests or MOST_REQUESTS,
    )


def _profile(name: str) -> Profile:
    if name not in get_args(Profile):
        near = nearest(name, ["web", "api"])
        hint = f"did you mean {near!r}?" if near else "web is for pages, api for answers to machines"
        raise UsageError(f"--profile: {name!r} is no profile", hint=hint)
    return cast("Profile", name)


def _image(name: str) -> str:
    if name and not Path(name).is_file():
        raise UsageError(f"--image: there is no file {name}", hint="write it with `docker image inspect IMAGE > FILE`")
    return name


def _address(pairs: Iterable[str], url: str) -> str:
    """The address that stands for the deployment's host; only that host is ever asked."""
    wanted = (urlsplit(url).hostname or "").lower() if url else ""
    found = ""
    for pair in pairs:
        host, _, address = pair.partition(":")
        # As curl writes it a port may stand between the two.
        port, _, rest = address.partition(":")
        named = next((one for one in (address, rest if port.isdecimal() else "") if _is_address(one)), "")
        if not named:
            raise UsageError(
                f"--resolve: {address!r} is no address", hint="write HOST:ADDRESS, such as www.example.org:192.0.2.7"
            )
        if host.lower() != wanted:
            raise UsageError(f"--resolve: {host!r} is not the deployment's host", hint=f"it is {wanted or 'not given'}")
        found = named.strip("[]")
    return found


def _is_address(text: str) -> bool:
    try:
        ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def _headers(lines: Iterable[str], entries: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Header lines with their values read from the environment; those of the command line replace the checklist's."""
    named = dict(entries)
    for line in lines:
        name, colon, value = line.partition(":")
        try:
            if not colon:
                raise ValueError(f"{line!r} is no header")  # noqa: TRY301 - one place says how to write it
            require_reference(name.strip(), value.strip())
        except ValueError as error:
            raise UsageError(
                f"--header: {error}", hint="write 'Authorization: ${STAGING_TOKEN}', and set the variable"
            ) from error
        named[name.strip()] = value.strip()
    for name, value in named.items():
        secret = expand(value, f"deployment.headers.{name}")
        if not secret:
            raise UsageError(f"the header {name}: the variable {value} is not set")
        if not secret.isprintable() or not secret.isascii():
            raise UsageError(f"the header {name}: the variable {value} holds what no header can")
        yield name, secret
