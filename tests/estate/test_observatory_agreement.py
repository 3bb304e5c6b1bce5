"""The same inputs, put to mdn-http-observatory and to us: we agree, except where we mean not to."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from readycheck.catalogue import load_catalogue
from readycheck.examples import ExampleTarget, observe
from readycheck.model import Outcome

SERVICE = Path(__file__).parent / "service"
PACKAGE = SERVICE / "node_modules" / "@mdn" / "mdn-http-observatory"

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed"),
    pytest.mark.skipif(
        not PACKAGE.is_dir(),
        reason="mdn-http-observatory is not installed: npm ci --ignore-scripts in tests/estate/service",
    ),
]

CHECKS = {
    "csp": "content-security-policy",
    "cookies": "cookie-flags",
    "cors": "cors-foreign-origin",
    "corp": "cross-origin-resource",
    "referrer": "referrer-policy",
    "hsts": "hsts",
    "sri": "script-integrity",
    "nosniff": "nosniff",
    "frames": "frame-control",
}


class Case(NamedTuple):
    """An input, and the reason why we say something else (empty: we agree)."""

    test: str
    headers: dict[str, Any]
    body: str = ""
    disagreement: str = ""


def csp(*policy: str, why: str = "") -> Case:
    return Case("csp", {"Content-Security-Policy": list(policy)}, disagreement=why)


def hsts(line: str, why: str = "") -> Case:
    return Case("hsts", {"Strict-Transport-Security": line}, disagreement=why)


def cookie(line: str, why: str = "") -> Case:
    return Case("cookies", {"Set-Cookie": [line]}, disagreement=why)


def cors(why: str = "", **headers: str) -> Case:
    return Case("cors", {name.replace("_", "-"): value for name, value in headers.items()}, disagreement=why)


def script(tag: str, why: str = "") -> Case:
    return Case("sri", {}, f"<!doctype html><html><head>{tag}</head></html>", why)


DIGEST = "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC"
_NAN = (
    "it reads the number as NaN, which is not below the bound and so passes; browsers ignore the header (RFC 6797 §6.1)"
)
_YEAR = "half a year was its bound; ASVS 5.0 3.4.1 and the preload list ask for a year"
_QUOTES = "without its quotes self is the name of a host, so the site's own scripts are not allowed"
_FRAMES_ONLY = "it wants script-src or default-src as we do, and says so in another test"

CASES = [
    csp("default-src 'none'"),
    csp("default-src 'self'"),
    csp("default-src 'self'; object-src 'none'; base-uri 'none'"),
    csp("script-src 'self'; object-src 'none'"),
    csp("default-src 'self'; style-src 'self' 'unsafe-inline'"),
    csp("default-src 'self'; script-src 'self' 'unsafe-inline'"),
    csp("default-src 'self'; script-src 'self' 'unsafe-eval'"),
    csp("default-src *"),
    csp("default-src https:"),
    csp("default-src 'self'; script-src https:"),
    csp("default-src 'self'; script-src data:"),
    csp(
        "default-src 'self'; script-src blob:",
        why="a page can make a blob of any text, so a script that is injected can load one",
    ),
    csp("default-src 'self'; script-src 'sha256-B2yPHKaXnvFWtRChIbabYmUBFZdVfKKXHbWtWidDVF8='"),
    csp(
        "default-src 'none'; script-src 'sha256-B2yPHKaXnvFWtRChIbabYmUBFZdVfKKXHbWtWidDVF8=' 'strict-dynamic' https:"
        " 'unsafe-inline'"
    ),
    csp("default-src 'self'; script-src 'strict-dynamic'"),
    csp("default-src self", why=_QUOTES),
    csp("default-src 'self'", "default-src 'none'"),
    csp("default-src 'self'; script-src 'unsafe-inline'", "default-src 'self'"),
    csp("upgrade-insecure-requests"),
    csp("img-src 'self'"),
    csp("default-src 'self'; script-src 'self' https://cdn.example.org"),
    csp("default-src 'self'; default-src 'none'", why="of a repeated directive browsers take the first (CSP 3 §2.2.1)"),
    csp("default-src 'none'; img-src http:"),
    csp("default-src 'self'; frame-ancestors *"),
    csp(
        "default-src 'self'; object-src *", why="a plug-in can no longer run a script in browsers of today; it is noted"
    ),
    csp("default-src 'self'; object-src data:"),
    Case("csp", {}),
    Case("csp", {"Content-Security-Policy-Report-Only": "default-src 'self'"}),
    Case(
        "csp",
        {},
        "<!doctype html><head><meta http-equiv='Content-Security-Policy' content=\"default-src 'self'\"></head>",
    ),
    Case(
        "csp",
        {},
        "<!doctype html><head><meta http-equiv='Content-Security-Policy' content=\"script-src 'unsafe-inline'\"></head>",
    ),
    hsts("max-age=31536000"),
    hsts("max-age=63072000; includeSubDomains; preload"),
    hsts("max-age=31536000; includeSubDomains"),
    hsts("includeSubDomains; max-age=31536000"),
    hsts("max-age=15552000", why=_YEAR),
    hsts("max-age=86400"),
    hsts("max-age=0"),
    hsts("max-age=", why=_NAN),
    hsts("max-age=31536000 includeSubDomains", why=_NAN),
    hsts("includeSubDomains"),
    Case("hsts", {}),
    Case("nosniff", {"X-Content-Type-Options": "nosniff"}),
    Case("nosniff", {"X-Content-Type-Options": "NoSniff"}),
    Case("nosniff", {"X-Content-Type-Options": "no-sniff"}),
    Case("nosniff", {}),
    Case("frames", {"X-Frame-Options": "DENY"}),
    Case("frames", {"X-Frame-Options": "sameorigin"}),
    Case("frames", {"X-Frame-Options": "ALLOWALL"}),
    Case(
        "frames",
        {"X-Frame-Options": "ALLOW-FROM https://a.example"},
        disagreement="no browser of today reads ALLOW-FROM, so anybody may frame the page",
    ),
    Case("frames", {"Content-Security-Policy": "frame-ancestors 'none'"}),
    Case("frames", {"Content-Security-Policy": "frame-ancestors 'self'", "X-Frame-Options": "nonsense"}),
    Case(
        "frames",
        {"Content-Security-Policy": "frame-ancestors *"},
        disagreement="the directive is there, and lets everybody in",
    ),
    Case("frames", {}),
    Case("referrer", {"Referrer-Policy": "no-referrer"}),
    Case("referrer", {"Referrer-Policy": "same-origin"}),
    Case("referrer", {"Referrer-Policy": "strict-origin-when-cross-origin"}),
    Case("referrer", {"Referrer-Policy": "unsafe-url"}),
    Case("referrer", {"Referrer-Policy": "origin"}),
    Case("referrer", {"Referrer-Policy": "origin-when-cross-origin"}),
    Case("referrer", {"Referrer-Policy": "no-referrer-when-downgrade"}),
    Case("referrer", {"Referrer-Policy": "unsafe-url, strict-origin"}),
    Case("referrer", {"Referrer-Policy": "whatever"}),
    Case("referrer", {}),
    Case("corp", {"Cross-Origin-Resource-Policy": "same-origin"}),
    Case("corp", {"Cross-Origin-Resource-Policy": "cross-origin"}),
    Case("corp", {"Cross-Origin-Resource-Policy": "self"}),
    Case("corp", {}),
    cors(),
    cors(Access_Control_Allow_Origin="*"),
    cors(Access_Control_Allow_Origin="https://app.service.example"),
    cors(Access_Control_Allow_Origin="https://stranger.invalid", Access_Control_Allow_Credentials="true"),
    cors(
        Access_Control_Allow_Origin="https://stranger.invalid",
        why="whoever asks may read what the service tells its own network, without credentials too (ASVS 5.0 3.4.2)",
    ),
    cors(
        Access_Control_Allow_Origin="*",
        Access_Control_Allow_Credentials="true",
        why="browsers refuse it, so whoever wrote it meant to share with credentials; the next try will be a reflection",
    ),
    cors(
        Access_Control_Allow_Origin="null",
        Access_Control_Allow_Credentials="true",
        why="a sandboxed frame of anybody has this origin, and reads with the visitor's cookies",
    ),
    cookie("theme=dark; Secure; HttpOnly; SameSite=Lax"),
    cookie("theme=dark; Secure"),
    cookie("SESSIONID=abc; Secure; HttpOnly; SameSite=Strict"),
    cookie("SESSIONID=abc; Secure; HttpOnly"),
    cookie("SESSIONID=abc; Secure"),
    cookie("SESSIONID=abc; HttpOnly"),
    cookie(
        "login=abc; Secure",
        why="its name has the word login, and its value opens nothing; frameworks name no session so",
    ),
    cookie("assessment=abc; Secure", why="its name has the letters sess, and is no session's"),
    cookie(
        "connect.sid=s%3AbB1c2D3e4F5g6H7i8J9k0LmNoP.q1W2e3R4t5Y6u7I8o9P0aSdFgHjKlZxCvBnM1234567; Secure",
        why="it is Express' own session, whose name it does not know",
    ),
    cookie(
        "jwt=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJlc2lnbmF0dXJl; Secure",
        why="a JSON Web Token opens whatever it was made for",
    ),
    cookie("theme=dark", why="a cookie that is no secret may go over plain HTTP"),
    cookie("csrftoken=abc; Secure", why="a token that the page sends back by itself needs no SameSite"),
    script("<script src='/a.js'></script>"),
    script("<script src='https://cdn.other.net/a.js'></script>"),
    script(f"<script src='https://cdn.other.net/a.js' integrity='{DIGEST}' crossorigin='anonymous'></script>"),
    script(
        f"<script src='https://cdn.other.net/a.js' integrity='{DIGEST}'></script>",
        why="without crossorigin browsers cannot compare, and refuse the script",
    ),
    script("<script src='http://cdn.other.net/a.js'></script>"),
    script("<script src='//cdn.other.net/a.js'></script>"),
    script("<script>let a = 1;</script>"),
]


@pytest.fixture(scope="module")
def said() -> list[dict[str, Any]]:
    given = json.dumps([{"test": one.test, "headers": one.headers, "body": one.body} for one in CASES])
    done = subprocess.run(
        ["node", "observatory.mjs"], cwd=SERVICE, input=given, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def ours(case: Case) -> bool:
    """Do we pass it? What does not apply passes there, too."""
    # What an answer to one origin says, it says to that origin alone; the same in every other answer is not its own.
    headers = {"Content-Type": "text/html", **case.headers}
    reply: Any = {"headers": headers, "body": case.body}
    site = {"/": reply, "/readycheck-no-such-page": {"status": 404, **reply}}
    outcome = observe(CATALOGUE.check(CHECKS[case.test]), ExampleTarget(site=site)).outcome
    assert outcome in (Outcome.PASS, Outcome.FAIL, Outcome.NOT_APPLICABLE), outcome
    return outcome is not Outcome.FAIL


CATALOGUE = load_catalogue()


@pytest.mark.parametrize("place", range(len(CASES)), ids=lambda place: f"{CASES[place].test}-{place}")
def test_we_agree_or_say_why_not(said: list[dict[str, Any]], place: int) -> None:
    case = CASES[place]
    assert (ours(case) == said[place]["pass"]) is not bool(case.disagreement), (case, said[place])


def test_most_inputs_are_agreed_on() -> None:
    assert len(CASES) >= 80
    assert sum(bool(case.disagreement) for case in CASES) <= len(CASES) / 4
