"""Header values are read as browsers read them, and any text is read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readycheck.facts.deployment import HttpGet, HttpResponse, PageSample, Sample, Samples
from readycheck.facts.question import Question
from readycheck.facts.store import Answer, Audited, Facts
from readycheck.model import Outcome, Target
from readycheck.probes.cookies import Cookies
from readycheck.probes.csp import ContentPolicy, weaknesses
from readycheck.probes.header_syntax import cookie, directives, meta_policies, policies, seconds_of
from readycheck.probes.headers import FrameControl, Header
from readycheck.probes.health import reported
from readycheck.probes.patterns import compiled, first_line
from readycheck.probes.probe import Probe

HEADER_TEXT = st.text(st.characters(min_codepoint=0, max_codepoint=255), max_size=200)
CSP_TEXT = st.lists(
    st.sampled_from(
        [
            "script-src",
            "default-src",
            "'self'",
            "'none'",
            "'unsafe-inline'",
            "'unsafe-eval'",
            "'nonce-abcdefgh'",
            "'strict-dynamic'",
            "*",
            "https:",
            "data:",
            "'sha256-x'",
            ";",
            ";",
            ",",
            "script-src-elem",
            "script-src-attr",
            "object-src",
            "self",
            "example.com",
        ]
    ),
    max_size=20,
).map(" ".join)


def response(*headers: tuple[str, str], body: str = "", status: int = 200) -> HttpResponse:
    lines = (("content-type", "text/html"), *headers)
    return HttpResponse("https://service.example/", status, lines, (), body, len(body), len(body), 0.1, "HTTP/1.1")


def outcome(probe: Probe, found: HttpResponse) -> Outcome:
    answers: dict[Question[Any], Answer] = {
        HttpGet("/"): Answer(found),
        HttpGet("/", headers=(("Cache-Control", "no-cache"),)): Answer(found),
        PageSample(): Answer(Samples((Sample("page", found, named=True),))),
    }
    facts = Facts(answers, collected_at="2026-01-01T00:00:00+00:00", audited=[Audited(Target.DEPLOYMENT, "a test")])
    return probe.judge(facts).outcome


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("max-age=60", 60),
        ('max-age="60"', 60),
        ("MAX-AGE = 60 ; includeSubDomains", 60),
        ("includeSubDomains; max-age=60", 60),
        ("max-age=", None),
        ("max-age", None),
        ("max-age=60 includeSubDomains", None),
        ("max-age=60; max-age=60", None),
        ("max-age=-1", None),
        ("max-age=1e9", None),
        ("max-age=٦٠", None),
        ("x-max-age=60", None),
        ("", None),
    ],
)
def test_seconds_are_a_plain_number_said_once(line: str, wanted: int | None) -> None:
    assert seconds_of(line, "max-age", ";") == wanted


def test_a_separator_in_quotes_separates_nothing() -> None:
    assert directives('a="x;y"; b', ";") == (("a", "x;y"), ("b", ""))


@given(HEADER_TEXT)
def test_any_text_is_a_header(text: str) -> None:
    directives(text, ";")
    seconds_of(text, "max-age", ",")
    cookie(text)
    for policy in (*policies([text]), *meta_policies(text)):
        weaknesses([policy])


@given(HEADER_TEXT)
def test_any_header_has_an_outcome(text: str) -> None:
    found = response(("content-security-policy", text), ("set-cookie", text), ("x-frame-options", text), body=text)
    for probe in (ContentPolicy(), FrameControl(), Cookies(), Header("X-Frame-Options", one_of=("deny",))):
        assert outcome(probe, found) in Outcome


@given(CSP_TEXT)
def test_a_second_policy_never_makes_a_page_weaker(text: str) -> None:
    sound = "script-src 'self'; object-src 'none'"
    assert outcome(ContentPolicy(), response(("content-security-policy", f"{text}, {sound}"))) is Outcome.PASS


@given(CSP_TEXT)
def test_a_policy_that_only_reports_never_passes(text: str) -> None:
    assert outcome(ContentPolicy(), response(("content-security-policy-report-only", text))) is Outcome.FAIL


@pytest.mark.parametrize(
    ("policy", "weak"),
    [
        ("default-src 'self'", False),
        ("script-src 'none'", False),
        ("script-src", False),
        ("script-src 'self' https://cdn.example", False),
        ("default-src *; script-src 'self'", False),
        ("script-src 'unsafe-inline' 'nonce-abcdefgh'", False),
        ("script-src 'unsafe-inline' 'sha256-AAAA'", False),
        ("script-src 'strict-dynamic' 'nonce-abcdefgh' https: 'unsafe-inline'", False),
        ("script-src 'self'; script-src 'unsafe-inline'", False),
        ("script-src 'strict-dynamic'", True),
        ("script-src 'nonce-abc'", True),
        ("script-src 'self' 'unsafe-inline'", True),
        ("SCRIPT-SRC 'SELF' 'UNSAFE-INLINE'", True),
        ("script-src 'self' 'unsafe-eval'", True),
        ("script-src blob:", True),
        ("script-src data:", True),
        ("script-src https:", True),
        ("script-src *", True),
        ("style-src 'self'", True),
        ("default-src 'self'; script-src-attr 'unsafe-inline'", True),
        ("default-src 'self'; script-src-elem *", True),
        ("script-src self", True),
    ],
)
def test_a_policy_is_weak_when_a_foreign_script_could_run(policy: str, weak: bool) -> None:
    assert bool(weaknesses(policies([policy]))) is weak


def test_frame_ancestors_in_the_page_do_nothing() -> None:
    body = '<meta http-equiv="Content-Security-Policy" content="frame-ancestors \'none\'">'
    assert outcome(FrameControl(), response(body=body)) is Outcome.FAIL


@pytest.mark.parametrize("text", ["<meta " * 12_000, "<!--" * 16_000, "<meta content='" * 4000, '"' * 60_000])
def test_hostile_text_is_read_to_its_end(text: str) -> None:
    meta_policies(text)
    directives(text, ";")
    assert cookie("csrf" * 20_000 + "!=1").name.startswith("csrf")
    assert outcome(Cookies(), response(("set-cookie", "csrf" * 20_000 + "!=1"))) is Outcome.FAIL


@pytest.mark.parametrize(
    "pattern", ["(a+)+b", "(a|a)*b", "((?:a{1,}))*", "(.*)*", "a*a*a*a*a*a*b", "(", "[", "a" * 2000]
)
def test_a_pattern_that_could_take_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"pattern|regular expression|for ever"):
        compiled(pattern)


@pytest.mark.parametrize(
    "pattern", [r"(?i)privacy (?:policy|notice)", r"[(+*]+", r"\(a+\)+", "(?:abc)+", "(?P<x>a)+", ""]
)
def test_a_pattern_that_is_bounded_is_taken(pattern: str) -> None:
    compiled(pattern)


@given(st.text(max_size=60))
def test_any_pattern_is_taken_or_refused(pattern: str) -> None:
    try:
        first_line(pattern, "a\nb")
    except ValueError:
        return


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ('{"status":"UP"}', "up"),
        ('{"status":"Down"}', "down"),
        ('{"status":{"status":"fail"}}', "fail"),
        ('{"healthy":false}', "false"),
        ('{"ok":true}', "true"),
        ("OK\n", "ok"),
        ("Unhealthy", "unhealthy"),
        ('{"uptime":1}', ""),
        ("", ""),
        ("<html>", ""),
        ("[" * 60_000, ""),
    ],
)
def test_the_word_for_the_state_is_found(body: str, word: str) -> None:
    assert reported(response(body=body)) == word


@given(st.text())
def test_any_body_may_be_a_state(text: str) -> None:
    reported(response(body=text))
