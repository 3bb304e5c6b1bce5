"""Judgements that no example of a check shows, and parameters that make no sense."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from readycheck.catalogue import Check, Fix
from readycheck.evaluate import Observation
from readycheck.examples import ExampleTarget, observe
from readycheck.facts.deployment import MISSING_PATH, HttpGet, HttpResponse
from readycheck.facts.environment import Environment, Variable, Variables
from readycheck.facts.question import Question
from readycheck.facts.store import Answer, Audited, Facts
from readycheck.model import Outcome, Severity, Target
from readycheck.probes.cookies import Cookies
from readycheck.probes.cors import Cors
from readycheck.probes.csp import ContentPolicy
from readycheck.probes.documents import SecurityTxt
from readycheck.probes.environment import EnvironmentValue
from readycheck.probes.exposure import Exposure, NotExposed
from readycheck.probes.header_syntax import cookie
from readycheck.probes.headers import FrameControl, Header, HeadersHidden, Hidden
from readycheck.probes.health import Health
from readycheck.probes.hsts import Hsts
from readycheck.probes.http import HttpBody, HttpStatus, RedirectsToHttps
from readycheck.probes.metrics import Metrics
from readycheck.probes.probe import Probe
from readycheck.probes.protection import Protected
from readycheck.probes.serving import Cached, Compression


def look(probe: Probe, site: dict[str, Any]) -> Observation:
    check = Check("a-check", "", Severity.LOW, "", probe, Fix(""), (), (), (), "security", "a test")
    return observe(check, ExampleTarget(site=site))


@pytest.mark.parametrize(
    ("probe", "reply", "outcome"),
    [
        (HttpStatus(allowed=(204,)), {"status": 204}, Outcome.PASS),
        (HttpStatus(allowed=("200-204",)), {"status": 205}, Outcome.FAIL),
        (HttpStatus(allowed=("200-204",)), {"status": 203}, Outcome.PASS),
        (HttpStatus(allowed=("4xx",)), {"status": 429}, Outcome.UNKNOWN),
        (HttpStatus(allowed=(429,)), {"status": 429}, Outcome.PASS),
        (HttpStatus(), {"status": 429}, Outcome.UNKNOWN),
        (HttpStatus(), {"status": 401}, Outcome.FAIL),
        (HttpStatus(method="HEAD"), {"method": "HEAD"}, Outcome.PASS),
        (HttpStatus(headers=("X-A: b",)), {"when": {"X-A": "b"}}, Outcome.PASS),
        (HttpStatus(follow=False, allowed=(302,)), {"status": 302, "headers": {"Location": "/x"}}, Outcome.PASS),
        (HttpStatus(scheme="http"), {}, Outcome.ERROR),
    ],
)
def test_a_status_is_judged(probe: HttpStatus, reply: dict[str, Any], outcome: Outcome) -> None:
    assert look(probe, {"/": reply}).outcome is outcome


@pytest.mark.parametrize(
    ("probe", "site", "outcome"),
    [
        (HttpBody(("/a",), no_match="secret"), {"/a": {"body": "fine"}}, Outcome.PASS),
        (HttpBody(("/a",), no_match="secret"), {"/a": {"body": "a secret"}}, Outcome.FAIL),
        (HttpBody(("/a",), no_match="secret"), {"/a": {"status": 403}}, Outcome.UNKNOWN),
        (
            HttpBody(("/a",), no_match="secret"),
            {"/a": {"body": "x", "headers": {"Content-Encoding": "br"}}},
            Outcome.UNKNOWN,
        ),
        (HttpBody(("/a",), matches="x", missing="not_applicable"), {"/": {}}, Outcome.NOT_APPLICABLE),
        (HttpBody(("/a",), matches="x", missing="unknown"), {"/": {}}, Outcome.UNKNOWN),
        (HttpBody(("/a", "/b"), matches="x"), {"/a": {"body": "y"}, "/b": {"body": "x"}}, Outcome.PASS),
    ],
)
def test_a_body_is_judged(probe: HttpBody, site: dict[str, Any], outcome: Outcome) -> None:
    assert look(probe, site).outcome is outcome


@pytest.mark.parametrize(
    ("plain", "own", "outcome", "message"),
    [
        ({"status": 301, "headers": {"Location": "https://www.service.example/"}}, {}, Outcome.PASS, "leaves the host"),
        ({"status": 301, "headers": {"Location": "http://www.service.example/"}}, {}, Outcome.FAIL, "is not HTTPS"),
        ({"status": 301}, {}, Outcome.FAIL, "nowhere"),
        ({"status": 302, "headers": {"Location": "https://service.example/"}}, {}, Outcome.PASS, "temporary"),
        ({"status": 404}, {"status": 404}, Outcome.UNKNOWN, ""),
        ({"status": 403, "headers": {"cf-mitigated": "challenge"}}, {}, Outcome.UNKNOWN, ""),
    ],
)
def test_a_redirect_is_judged(plain: dict[str, Any], own: dict[str, Any], outcome: Outcome, message: str) -> None:
    seen = look(RedirectsToHttps(), {"/": own, "http://service.example/": plain})
    assert seen.outcome is outcome
    assert message in "".join(finding.message for finding in seen.findings)


def test_a_way_over_plain_http_that_ends_well_is_noted() -> None:
    site = {
        "/": {},
        "http://service.example/": {"status": 301, "headers": {"Location": "/home"}},
        "http://service.example/home": {"status": 301, "headers": {"Location": "https://service.example/"}},
    }
    seen = look(RedirectsToHttps(), site)
    assert seen.outcome is Outcome.PASS
    assert "stays on plain HTTP" in seen.findings[0].message


def test_a_named_path_that_cannot_be_graded_keeps_a_sample_from_passing() -> None:
    site: dict[str, Any] = {
        "/": {"headers": {"X-A": "1"}},
        "/api": {"status": 401},
        "/readycheck-no-such-page": {"headers": {"X-A": "1"}},
    }
    probe = Header("X-A", present=True, sample=True, paths=("/", "/api"))
    assert look(probe, site).outcome is Outcome.UNKNOWN
    assert look(probe, {**site, "/api": {"headers": {"X-A": "1"}}}).outcome is Outcome.PASS


def test_a_header_that_must_not_be_sent_is_found() -> None:
    assert look(Header("X-A", absent=True), {"/": {}}).outcome is Outcome.PASS
    assert look(Header("X-A", absent=True), {"/": {"headers": {"X-A": "1"}}}).outcome is Outcome.FAIL
    assert look(Header("X-A", absent=True, matches="2"), {"/": {"headers": {"X-A": "1"}}}).outcome is Outcome.PASS


def test_hsts_over_plain_http_is_ignored_as_browsers_ignore_it() -> None:
    probe = Hsts(max_age=60)
    seen = look(probe, {"http://service.example/": {"headers": {"Strict-Transport-Security": "max-age=100"}}})
    assert seen.outcome is Outcome.FAIL
    assert "plain HTTP" in seen.findings[0].message


def test_the_named_session_cookie_must_be_seen() -> None:
    flags = "; Path=/; Secure; HttpOnly"
    site = {"/": {"headers": {"Set-Cookie": f"mine=1{flags}"}}}
    assert look(Cookies(names=("mine",)), site).outcome is Outcome.PASS
    assert look(Cookies(names=("other",)), site).outcome is Outcome.UNKNOWN
    assert look(Cookies(names=("mine",)), {"/": {"headers": {"Set-Cookie": "mine=1"}}}).outcome is Outcome.FAIL
    assert look(Cookies(), {"/": {}}).outcome is Outcome.NOT_APPLICABLE


def test_a_cookie_without_a_name_has_none() -> None:
    assert cookie("nothing").name == ""


def test_a_public_answer_is_refused_where_nothing_is_public() -> None:
    site = {"/": {"headers": {"Access-Control-Allow-Origin": "*"}}}
    assert look(Cors(public=False), site).outcome is Outcome.FAIL


def test_a_health_endpoint_that_is_slow_fails() -> None:
    assert look(Health(("/health",), within=1e-9), {"/health": {"body": "ok"}}).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ({"body": "ok", "headers": {"Age": "30"}}, Outcome.FAIL),
        ({"body": "ok", "headers": {"Age": "30", "Cache-Control": "no-cache"}}, Outcome.PASS),
        ({"body": "ok", "headers": {"Age": "soon"}}, Outcome.PASS),
        ({"body": '{"status":"ok","node":"node 20.1"}'}, Outcome.FAIL),
        ({"body": '{"status":"ok","password":"hunter2hunter2"}'}, Outcome.FAIL),
        ({"body": "[]"}, Outcome.FAIL),
        ({"status": 500, "body": "boom"}, Outcome.FAIL),
    ],
)
def test_a_health_endpoint_is_judged(reply: dict[str, Any], outcome: Outcome) -> None:
    assert look(Health(("/health",)), {"/health": reply}).outcome is outcome


def test_an_endpoint_that_says_how_it_is_comes_before_one_that_is_merely_there() -> None:
    seen = look(Health(("/a", "/b")), {"/a": {"body": '{"x": 1}'}, "/b": {"body": '{"status": "down"}'}})
    assert seen.outcome is Outcome.FAIL
    assert seen.findings[0].location.url.endswith("/b")


def test_a_login_page_is_no_open_door_and_any_other_redirect_no_proof() -> None:
    elsewhere = {"status": 302, "headers": {"Location": "/welcome"}}
    assert look(Protected(("/me",)), {"/me": elsewhere}).outcome is Outcome.UNKNOWN
    wall = {"status": 401, "headers": {"cf-mitigated": "challenge"}}
    assert look(Protected(("/me",)), {"/me": wall}).outcome is Outcome.UNKNOWN


def test_what_is_not_meant_to_be_kept_is_not_asked_for_validators() -> None:
    seen = look(Cached("/me"), {"/": {}, "/me": {"headers": {"Cache-Control": "no-store"}}})
    assert seen.outcome is Outcome.UNKNOWN
    assert look(Cached("/me"), {"/": {}, "/me": {"status": 500}}).outcome is Outcome.UNKNOWN


def test_a_compressed_text_without_vary_is_noted() -> None:
    seen = look(
        Compression(), {"/": {"headers": {"Content-Type": "text/html"}, "body": "hello ", "repeat": 500, "gzip": True}}
    )
    assert seen.outcome is Outcome.PASS
    assert "Vary" in seen.findings[0].message


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        (Variable("A", present=True, length=40, entropy="high"), ""),
        (Variable("A", present=True, length=40, entropy="medium"), "the randomness of A is medium"),
        (Variable("A", present=True, length=10, entropy="high"), "has 10 characters"),
        (Variable("A", present=True, length=40, entropy="high", placeholder=True), "a placeholder"),
        (Variable("A", present=True, length=40, entropy="high", example=True), "the repository's own example"),
        (Variable("A", present=True), "is empty"),
        (Variable("A", present=False), "is not set"),
    ],
)
def test_a_variable_is_judged(variable: Variable, message: str) -> None:
    probe = EnvironmentValue(("A",), min_length=32, entropy="high", not_placeholder=True, not_example=True)
    answer = Answer(Variables("a test", (variable,), 1))
    facts = Facts(
        {Environment(("A",)): answer},
        collected_at="2026-01-01T00:00:00+00:00",
        audited=[Audited(Target.ENVIRONMENT, "")],
    )
    judgement = probe.judge(facts)
    assert judgement.outcome is (Outcome.FAIL if message else Outcome.PASS)
    assert message in "".join(finding.message for finding in judgement.findings)


@pytest.mark.parametrize(
    "make",
    [
        lambda: HttpStatus(path="no-slash"),
        lambda: HttpStatus(path="/a b"),
        lambda: HttpStatus(path="/a#b"),
        lambda: HttpStatus(allowed=()),
        lambda: HttpStatus(allowed=("6xx",)),
        lambda: HttpStatus(allowed=(99,)),
        lambda: HttpStatus(headers=("no colon",)),
        lambda: HttpStatus(headers=("X-A: b\r\nX-B: c",)),
        lambda: HttpBody(()),
        lambda: HttpBody(("/",)),
        lambda: HttpBody(("/",), matches="a", no_match="b"),
        lambda: HttpBody(("/",), matches="("),
        lambda: HttpBody(("/",), matches="a", errors=True),
        lambda: RedirectsToHttps(path=""),
        lambda: NotExposed(()),
        lambda: NotExposed((Exposure("/", ""),)),
        lambda: NotExposed((Exposure("/", "(a+)+"),)),
        lambda: Header("X-A"),
        lambda: Header("", present=True),
        lambda: Header("X A", present=True),
        lambda: Header("X-A", present=True, also=("",)),
        lambda: Header("X-A", absent=True, present=True),
        lambda: Header("X-A", matches="["),
        lambda: HeadersHidden(()),
        lambda: HeadersHidden((Hidden("X-A"),), paths=("x",)),
        lambda: FrameControl(("x",)),
        lambda: ContentPolicy(("x",)),
        lambda: Cookies(paths=("x",)),
        lambda: Cors(("x",)),
        lambda: Protected(()),
        lambda: Compression(("x",)),
        lambda: Cached("x"),
        lambda: Health(("/health",), within=0),
        lambda: Health(()),
        lambda: Metrics(()),
        EnvironmentValue,
        lambda: EnvironmentValue(("A B",)),
        lambda: EnvironmentValue(equals=("NODE_ENV",)),
    ],
)
def test_parameters_that_make_no_sense_are_refused(make: Callable[[], Probe]) -> None:
    with pytest.raises(ValueError, match=r"."):
        make()


CONTACT = "Contact: mailto:security@service.example\n"


@pytest.mark.parametrize(
    ("content_type", "body", "message"),
    [
        ("text/plain", CONTACT + "Expires: 2026-06-01T00:00:00Z\n", ""),
        ("text/plain", CONTACT + "Expires: 2026-06-01\n", ""),
        ("text/plain", CONTACT + "Expires: 2099-01-01T00:00:00Z\n", "less than a year"),
        ("text/plain", CONTACT + "Expires: 2025-12-31T00:00:00Z\n", "it expired on 2025-12-31"),
        ("text/plain", CONTACT + "Expires: next year\n", "is no time"),
        ("text/plain", CONTACT, "0 lines Expires"),
        ("text/plain", "Expires: 2026-06-01T00:00:00Z\n", "no Contact"),
        ("application/json", CONTACT + "Expires: 2026-06-01T00:00:00Z\n", "not text/plain"),
    ],
)
def test_a_security_txt_is_judged(content_type: str, body: str, message: str) -> None:
    url = "https://service.example/.well-known/security.txt"
    found = HttpResponse(url, 200, (("content-type", content_type),), (), body, 1, 1, 0.1, "HTTP/1.1")
    question = HttpGet("/.well-known/security.txt")
    facts = Facts({question: Answer(found)}, collected_at="2026-01-01T00:00:00+00:00")
    judgement = SecurityTxt().judge(facts)
    assert message in "".join(finding.message for finding in judgement.findings)
    assert judgement.outcome is (Outcome.PASS if message in ("", "less than a year") else Outcome.FAIL)


def test_a_security_txt_over_plain_http_fails() -> None:
    site = {
        "http://service.example/.well-known/security.txt": {"body": CONTACT, "headers": {"Content-Type": "text/plain"}}
    }
    seen = look(SecurityTxt(), site)
    assert "plain HTTP" in seen.findings[0].message


STATUS = Exposure("/server-status", "Apache Server Status", local=True)


@pytest.mark.parametrize(
    ("peer", "outcome"), [("127.0.0.1", Outcome.UNKNOWN), ("::1", Outcome.UNKNOWN), ("192.0.2.7", Outcome.FAIL)]
)
def test_what_servers_show_their_own_host_says_nothing_of_strangers(peer: str, outcome: Outcome) -> None:
    body = "<h1>Apache Server Status for service.example</h1>"
    response = HttpResponse("https://service.example/server-status", 200, (), (), body, 50, 50, 0.1, "HTTP/1.1", peer)
    answers: dict[Question[Any], Answer] = {STATUS.question: Answer(response)}
    facts = Facts(answers, collected_at="2026-01-01", audited=[Audited(Target.DEPLOYMENT, "a test")])
    assert NotExposed((STATUS,)).judge(facts).outcome is outcome


def test_a_path_that_answers_as_any_other_is_open_to_nobody() -> None:
    page = {"headers": {"Content-Type": "text/html"}, "body": "<title>App</title><main nonce=abc></main>"}
    other = {"headers": {"Content-Type": "text/html"}, "body": "<title>App</title><main nonce=def></main>"}
    admin = {"headers": {"Content-Type": "text/html"}, "body": "<title>Users</title>"}
    probe = Protected(("/admin",))
    assert look(probe, {"/admin": page, MISSING_PATH: other}).outcome is Outcome.UNKNOWN
    assert look(probe, {"/admin": admin, MISSING_PATH: other}).outcome is Outcome.FAIL


def test_every_origin_without_credentials_is_told_and_passes() -> None:
    seen = look(Cors(), {"/": {"headers": {"Access-Control-Allow-Origin": "*"}}})
    assert seen.outcome is Outcome.PASS
    assert "every origin may read it" in seen.findings[0].message
