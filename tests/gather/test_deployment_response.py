"""What becomes a fact of a response: nothing secret, nothing without end, walls told from sites."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from readycheck.errors import TargetError
from readycheck.facts.deployment import (
    HttpGet,
    HttpResponse,
    PageSample,
    PlainHttp,
    Revalidated,
    Revalidation,
    Samples,
)
from readycheck.facts.question import Question, Unavailable
from readycheck.facts.store import Answer, Facts, dump, load
from readycheck.gather.deployment.assets import first_asset, uncommented
from readycheck.gather.deployment.decoding import decode, text_of
from readycheck.gather.deployment.example import example_site
from readycheck.gather.deployment.gatherer import DeploymentGatherer
from readycheck.gather.deployment.masking import masked_cookie
from readycheck.model import Outcome


def answer(site: dict[str, Any], question: Question[Any]) -> Any:
    return next(example_site(site).answers([question]))[1]


def page(**reply: Any) -> HttpResponse:
    found = answer({"/": reply}, HttpGet("/"))
    assert isinstance(found, HttpResponse)
    return found


def test_the_value_of_a_cookie_is_masked_and_its_attributes_stay() -> None:
    headers = {"Set-Cookie": ["sid=s3cr3tvalue; Path=/; HttpOnly", "s3cr3tvalue"]}
    assert page(headers=headers).values("set-cookie") == ("sid=[redacted]; Path=/; HttpOnly", "[redacted]")


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="=;,"), min_size=1, max_size=20))
def test_no_value_of_a_cookie_survives(name: str) -> None:
    assert "v4lu3-0f-c00k13" not in masked_cookie(f"{name}=v4lu3-0f-c00k13; Path=/")


@pytest.mark.parametrize("name", ["Authorization", "X-Api-Key", "X-Csrf-Token", "Proxy-Authorization", "X-Auth-Token"])
def test_headers_that_carry_secrets_are_masked(name: str) -> None:
    assert page(headers={name: "abcdef123456"}).value(name) == "[redacted]"


def test_a_secret_that_the_cut_divides_is_still_masked() -> None:
    token = "ghp_" + "a1B2" * 9
    body = page(body="x" * (64 * 1024 - 11) + " " + token).body
    assert "ghp_" not in body


def test_header_lines_are_kept_apart_with_names_in_lower_case() -> None:
    assert page(headers={"X-Many": ["a", "b"]}).headers == (("x-many", "a"), ("x-many", "b"))


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (403, {"cf-mitigated": "challenge"}, ""),
        (503, {"Server": "cloudflare"}, "<title>Just a moment...</title>"),
        (202, {"x-amzn-waf-action": "challenge"}, ""),
        (403, {"x-vercel-mitigated": "challenge"}, ""),
        (403, {"Server": "AkamaiGHost"}, "Access Denied"),
        (200, {"x-iinfo": "1-2-3"}, "<iframe src='/_Incapsula_Resource?x=1'>"),
        (403, {"x-datadome": "protected"}, ""),
        (403, {"x-sucuri-block": "1"}, ""),
        (403, {}, "window._pxAppId = 'x'"),
    ],
)
def test_a_wall_is_told_from_the_site(status: int, headers: dict[str, str], body: str) -> None:
    assert page(status=status, headers=headers, body=body).wall


def test_a_site_behind_an_edge_network_is_no_wall() -> None:
    assert page(headers={"Server": "cloudflare", "CF-Ray": "1"}, body="Hello").wall == ""


def test_a_sample_has_the_page_its_asset_a_missing_page_and_the_named_paths() -> None:
    site = {"/": {"body": "<script src='/a.js'></script>"}, "/a.js": {}, "/api": {}}
    found = answer(site, PageSample(("/api",)))
    assert isinstance(found, Samples)
    assert [(one.kind, one.response.status) for one in found.responses] == [
        ("page", 200),
        ("asset", 200),
        ("missing", 404),
        ("path", 200),
    ]


def test_what_a_sample_could_not_see_is_said() -> None:
    found = answer({"/": {"body": "<script src='/a.js'></script>"}, "/a.js": {"closed": True}}, PageSample())
    assert found.unseen == ("https://service.example/a.js refuses the connection",)


@pytest.mark.parametrize(
    ("html", "path"),
    [
        ("<script src='/a.js'></script>", "/a.js"),
        ("<img src=/p.png><link rel=stylesheet href=/a.css>", "/a.css"),
        ("<img src=/p.png>", "/p.png"),
        ("<script src='https://cdn.example/a.js'></script><script src=b.js></script>", "/b.js"),
        ("<link rel=canonical href=/about>", ""),
        ("<!-- <script src=/old.js></script> -->", ""),
        ("<script>let a = 1</script>", ""),
        ("<script src='http://['></script>", ""),
    ],
)
def test_an_asset_is_a_file_of_the_own_host(html: str, path: str) -> None:
    found = first_asset(html, httpx.URL("https://service.example/"))
    assert (found.path if found else "") == path


@given(st.text())
def test_looking_for_an_asset_never_raises(html: str) -> None:
    first_asset(html, httpx.URL("https://service.example/"))
    assert "<!--" not in uncommented(html)


@pytest.mark.parametrize("html", ["<script " * 8000, "<!--" * 16000, "<img src='" * 6000, "a-" * 32000])
def test_hostile_markup_is_read_to_its_end(html: str) -> None:
    assert answer({"/": {"headers": {"Content-Type": "text/html"}, "body": html}}, PageSample()).responses


@given(st.binary(), st.text(max_size=30))
def test_decoding_never_raises(data: bytes, coding: str) -> None:
    text_of(decode(data, coding).data, coding)
    text_of(data, f"text/html; charset={coding}")


def test_deflate_is_undone_with_and_without_its_header() -> None:
    import zlib

    whole = zlib.compress(b"hello")
    assert decode(whole, "deflate").data == decode(whole[2:-4], "deflate").data == b"hello"


def test_a_second_look_sends_the_validator_back() -> None:
    site = {"/a": [{"when": {"If-None-Match": '"1"'}, "status": 304}, {"headers": {"ETag": '"1"'}}]}
    found = answer(site, Revalidation("/a"))
    assert isinstance(found, Revalidated)
    assert found.second is not None
    assert (found.validator, found.second.status) == ("etag", 304)


def test_a_page_without_an_asset_leaves_nothing_to_look_at_twice() -> None:
    found = answer({"/": {"body": "Hello"}}, Revalidation())
    assert isinstance(found, Unavailable)
    assert found.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "url", ["", "service.example", "ftp://service.example", "http://", "http://[", "https://a:b:c"]
)
def test_a_deployment_that_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(TargetError):
        DeploymentGatherer(url, timeout=1)


@pytest.mark.parametrize("path", ["/ä", "/a b", "//elsewhere.example/", "/../x", "/%zz", "/?a=b"])
def test_a_strange_path_stays_on_the_host(path: str) -> None:
    found = answer({"/": {}}, HttpGet(path))
    assert isinstance(found, Unavailable) or found.url.startswith("https://service.example/")


def test_facts_of_a_deployment_survive_their_file() -> None:
    site = {"/": {"headers": {"ETag": "1"}}, "http://service.example/": {"status": 301, "headers": {"Location": "/"}}}
    questions: list[Question[Any]] = [HttpGet(), PageSample(), PlainHttp(), Revalidation("/")]
    answers: dict[Question[Any], Answer] = {question: Answer(answer(site, question)) for question in questions}
    facts = Facts(answers, collected_at="2026-01-01T00:00:00+00:00")
    assert load(dump(facts), "a test").answers == answers
