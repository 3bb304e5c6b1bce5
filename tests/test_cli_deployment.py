"""What the command line and the checklist say of a deployment."""

from __future__ import annotations

import pytest
from msgspec import Struct

from readycheck.catalogue import load_catalogue
from readycheck.checklist import DeploymentEntry, load_checklist
from readycheck.cli.deployment import site
from readycheck.errors import ContentError, UsageError
from readycheck.gather.deployment.site import MOST_REQUESTS, Site

URL = "https://loans.example:8443"


class Said(Struct, frozen=True, kw_only=True):
    """What a command line says."""

    profile: str = ""
    resolve: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    image: str = ""
    probe_rate_limit: bool = False
    most_requests: int = 0


def test_nothing_said_is_a_site_of_which_nothing_is_known() -> None:
    assert site(Said(), DeploymentEntry(), URL) == Site()
    assert Site().most_requests == MOST_REQUESTS == 120


@pytest.mark.parametrize(
    ("pair", "address"),
    [
        ("loans.example:192.0.2.7", "192.0.2.7"),
        ("LOANS.example:192.0.2.7", "192.0.2.7"),
        ("loans.example:8443:192.0.2.7", "192.0.2.7"),
        ("loans.example:2001:db8::7", "2001:db8::7"),
        ("loans.example:[2001:db8::7]", "2001:db8::7"),
        ("loans.example:443:[2001:db8::7]", "2001:db8::7"),
        ("loans.example:::1", "::1"),
    ],
)
def test_a_host_is_given_another_address(pair: str, address: str) -> None:
    assert site(Said(resolve=(pair,)), DeploymentEntry(), URL).address == address


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (Said(resolve=("other.example:192.0.2.7",)), "is not the deployment's host"),
        (Said(resolve=("loans.example:nowhere",)), "is no address"),
        (Said(resolve=("loans.example",)), "is no address"),
        (Said(profile="wbe"), "is no profile"),
        (Said(image="nowhere.json"), "there is no file nowhere.json"),
        (Said(headers=("Authorization: Bearer literal",)), "must be a reference"),
        (Said(headers=("Authorization",)), "is no header"),
        (Said(headers=("Bad Name: ${TOKEN}",)), "no name of a header"),
        (Said(headers=("Authorization: ${NOT_SET_ANYWHERE}",)), "is not set"),
    ],
)
def test_what_makes_no_sense_is_refused(said: Said, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        site(said, DeploymentEntry(), URL)


def test_a_header_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "Bearer ticket")
    monkeypatch.setenv("OTHER", "other")
    entry = DeploymentEntry(headers={"Authorization": "${OTHER}", "X-Way": "${OTHER}"})
    found = site(Said(headers=("Authorization: ${TOKEN}",)), entry, URL)
    assert found.headers == (("Authorization", "Bearer ticket"), ("X-Way", "other"))
    monkeypatch.setenv("TOKEN", "a\r\nX-Injected: 1")
    with pytest.raises(UsageError, match="holds what no header can"):
        site(Said(headers=("Authorization: ${TOKEN}",)), DeploymentEntry(), URL)


def checklist(deployment: str) -> DeploymentEntry:
    text = f"version: 1\nservice: loans\ntargets: {{deployment: {deployment}}}\nsections: []\n"
    return load_checklist(text, "readiness.yaml", load_catalogue()).file.targets.deployment


def test_a_deployment_is_a_url_or_all_that_its_owner_says_of_it() -> None:
    assert checklist('"${DEPLOYMENT_URL}"') == DeploymentEntry(url="${DEPLOYMENT_URL}")
    found = checklist('{url: "https://a.example", profile: api, api: /api/ping, headers: {Authorization: "${TOKEN}"}}')
    assert (found.profile, found.api, found.headers) == ("api", "/api/ping", {"Authorization": "${TOKEN}"})


@pytest.mark.parametrize(
    ("deployment", "message"),
    [
        ("{profile: apis}", "profile"),
        ("{api: ping}", "must be a path"),
        ("{headers: {Authorization: hunter2}}", "must be a reference"),
        ("{healht: /health}", "health"),
    ],
)
def test_a_mistake_in_the_checklist_is_named(deployment: str, message: str) -> None:
    with pytest.raises(ContentError) as caught:
        checklist(deployment)
    assert any(message in str(mistake) for mistake in caught.value.mistakes), caught.value.mistakes
