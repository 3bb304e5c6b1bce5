"""A clean site on nginx passes, and each planted defect is found by the checks that should find it and by no other."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from support.live_estate import NGINX, Estate, Planted, estate, failing, plant_defect

from readycheck.model import Outcome

pytestmark = [
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed"),
]

CSP = "Content-Security-Policy"
FRAMES = "frame-ancestors 'none'"
ELSEWHERE = "https://cdn.other.net"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
REFLECT = "add_header Access-Control-Allow-Origin $http_origin always;"
OPEN = "default_type text/plain; return 200"
OPEN_USERS = "return 200 '[]';"


def without(name: str) -> str:
    """The headers of a location that has lost this one."""
    from support.live_estate import HEADERS

    return " ".join(f"<<header_{one}>>" for one in HEADERS if one != name)


def policy(text: str, *, more: str = "object-src 'none'; base-uri 'none'; ") -> str:
    return f'{CSP} "{text}; {more}{FRAMES}"'


CLEAN = plant_defect("clean", "", loaded=True)

PLANTED = [
    plant_defect("hsts is nowhere", "hsts", hsts=""),
    plant_defect("hsts of half a year", "hsts", hsts='Strict-Transport-Security "max-age=15552000"'),
    plant_defect("hsts switched off", "hsts", hsts='Strict-Transport-Security "max-age=0"'),
    plant_defect(
        "hsts without a semicolon", "hsts", hsts='Strict-Transport-Security "max-age=63072000 includeSubDomains"'
    ),
    plant_defect("hsts with no number", "hsts", hsts='Strict-Transport-Security "max-age="'),
    plant_defect("hsts twice over", "hsts", hsts='Strict-Transport-Security "max-age=63072000; max-age=1"'),
    plant_defect("the asset drops hsts", "hsts", asset_headers=without("hsts")),
    plant_defect("the 404 drops hsts", "hsts", missing_headers=without("hsts")),
    plant_defect("health drops hsts", "hsts", health_headers=without("hsts")),
    plant_defect("nosniff is nowhere", "nosniff", nosniff=""),
    plant_defect("nosniff misspelt", "nosniff", nosniff="X-Content-Type-Options no-sniff"),
    plant_defect("the asset drops nosniff", "nosniff", asset_headers=without("nosniff")),
    plant_defect("referrer to everybody", "referrer-policy", referrer="Referrer-Policy unsafe-url"),
    plant_defect("referrer with its origin", "referrer-policy", referrer="Referrer-Policy origin"),
    plant_defect("nobody controls frames", "frame-control", csp=f"{CSP} \"default-src 'self'; object-src 'none'\""),
    plant_defect("everybody may frame", "frame-control", csp=f"{CSP} \"default-src 'self'; frame-ancestors *\""),
    plant_defect(
        "frames allowed from one",
        "frame-control",
        csp=f"{CSP} \"default-src 'self'\"",
        edge='CF-Ray 8d0-FRA always; add_header X-Frame-Options "ALLOW-FROM https://a.example"',
    ),
    plant_defect("no csp", "content-security-policy", csp="X-Frame-Options DENY"),
    plant_defect("csp with inline scripts", "content-security-policy", csp=policy("script-src 'self' 'unsafe-inline'")),
    plant_defect("csp with eval", "content-security-policy", csp=policy("script-src 'self' 'unsafe-eval'")),
    plant_defect("csp with everybody", "content-security-policy", csp=policy("script-src *")),
    plant_defect("csp with data scripts", "content-security-policy", csp=policy("script-src 'self' data:")),
    plant_defect("csp with blob scripts", "content-security-policy", csp=policy("script-src 'self' blob:")),
    plant_defect("csp silent on scripts", "content-security-policy", csp=policy("img-src 'self'")),
    plant_defect(
        "csp with one nonce for all", "content-security-policy", csp=policy("script-src 'nonce-c2FtZWV2ZXJ5dGltZQ'")
    ),
    plant_defect("csp with a short nonce", "content-security-policy", csp=policy("script-src 'nonce-$pid'")),
    plant_defect("csp trusts nobody", "content-security-policy", csp=policy("script-src 'strict-dynamic'")),
    plant_defect("csp without quotes", "content-security-policy", csp=policy("default-src self")),
    plant_defect(
        "csp that only reports",
        "content-security-policy",
        csp=f"{CSP}-Report-Only \"default-src 'self'\" always; add_header X-Frame-Options DENY",
    ),
    plant_defect(
        "inline handlers run",
        "content-security-policy",
        csp=policy("script-src 'self'; script-src-attr 'unsafe-inline'"),
    ),
    plant_defect("no permissions policy", "permissions-policy", permissions=""),
    plant_defect(
        "permissions of the old kind", "permissions-policy", permissions="Permissions-Policy \"camera 'none'\""
    ),
    plant_defect("the camera for everybody", "permissions-policy", permissions='Permissions-Policy "camera=*"'),
    plant_defect("no opener policy", "cross-origin-opener", coop=""),
    plant_defect("an unsafe opener policy", "cross-origin-opener", coop="Cross-Origin-Opener-Policy unsafe-none"),
    plant_defect(
        "an unknown embedder policy", "cross-origin-embedder", coep="Cross-Origin-Embedder-Policy require-cors"
    ),
    plant_defect("an unknown resource policy", "cross-origin-resource", corp="Cross-Origin-Resource-Policy self"),
    plant_defect("the server tells its version", "version-headers-hidden", tokens=""),
    plant_defect(
        "express tells its name", "version-headers-hidden", edge="CF-Ray 8d0 always; add_header X-Powered-By Express"
    ),
    plant_defect("the asset tells of php", "version-headers-hidden", asset_extra="add_header X-Powered-By PHP/8.2.1;"),
    plant_defect("a foreign script unsigned", "script-integrity", page="unsigned.html"),
    plant_defect("a foreign script without cors", "script-integrity", page="uncrossed.html"),
    plant_defect("a foreign script badly signed", "script-integrity", page="badly.html"),
    plant_defect(
        "a session in the clear", "cookie-flags", cookie='"connect.sid=$request_id; Path=/; HttpOnly; SameSite=Lax"'
    ),
    plant_defect("a session for scripts", "cookie-flags", cookie='"sid=$request_id; Path=/; Secure; SameSite=Lax"'),
    plant_defect(
        "a token for scripts by another name", "cookie-flags", cookie=f'"prefs={JWT}; Path=/; Secure; SameSite=Lax"'
    ),
    plant_defect("a random value for scripts", "cookie-flags", cookie='"u=${request_id}Zq9; Path=/; Secure"'),
    plant_defect("samesite none in the clear", "cookie-flags", cookie='"theme=dark; SameSite=None"'),
    plant_defect("samesite of nobody", "cookie-flags", cookie='"theme=dark; Secure; SameSite=Always"'),
    plant_defect(
        "a host cookie with a domain",
        "cookie-flags",
        cookie='"__Host-sid=$request_id; Path=/; Secure; HttpOnly; Domain=a.example"',
    ),
    plant_defect("every origin repeated", "cors-foreign-origin", options=REFLECT),
    plant_defect(
        "every origin with credentials",
        "cors-foreign-origin",
        options=f"{REFLECT} add_header Access-Control-Allow-Credentials true always;",
    ),
    plant_defect(
        "the null origin", "cors-foreign-origin", options="add_header Access-Control-Allow-Origin $null_origin always;"
    ),
    plant_defect(
        "an origin by its end",
        "cors-foreign-origin",
        options="add_header Access-Control-Allow-Origin $stranger_suffix always;",
    ),
    plant_defect(
        "everybody with credentials",
        "cors-foreign-origin",
        options='add_header Access-Control-Allow-Origin "*"; add_header Access-Control-Allow-Credentials true;',
    ),
    plant_defect(
        "a stranger's preflight",
        "cors-foreign-origin",
        options="if ($request_method = OPTIONS) "
        '{ add_header Access-Control-Allow-Origin "https://stranger.invalid"; return 204; }',
    ),
    plant_defect("plain http answers", "https-redirect", plain="try_files /index.html =404;"),
    plant_defect("plain http leads to a dead end", "https-redirect", plain="return 301 https://127.0.0.1:1/;"),
    plant_defect("plain http leads to plain http", "https-redirect", plain="return 301 http://www.other.example/;"),
    plant_defect(
        "the repository is served", "git-not-exposed", more=f"location = /.git/config {{ {OPEN} '[core]\n'; }}"
    ),
    plant_defect(
        "the environment is served", "env-not-exposed", more=f"location = /.env {{ {OPEN} 'JWT_SECRET=x\n'; }}"
    ),
    plant_defect(
        "the compose file is served",
        "env-not-exposed",
        more=f"location = /docker-compose.yml {{ {OPEN} 'services:\n'; }}",
    ),
    plant_defect(
        "a private key is served",
        "env-not-exposed",
        more=f"location = /server.key {{ {OPEN} '-----BEGIN PRIVATE KEY-----\n'; }}",
    ),
    plant_defect("folders list their files", "directory-listing-off", folder="autoindex on;"),
    plant_defect("metrics for everybody", "metrics-not-public", metrics='return 200 "<<exposition>>";'),
    plant_defect(
        "spring's environment",
        "metrics-not-public",
        more=f"location = /actuator/env {{ {OPEN} '{{\"propertySources\":[]}}'; }}",
    ),
    plant_defect(
        "spring's list of doors",
        "metrics-not-public",
        more=f"location = /actuator {{ {OPEN} '{{\"heapdump\":1}}'; }}",
    ),
    plant_defect(
        "what php is made of",
        "metrics-not-public",
        more=f"location = /phpinfo.php {{ {OPEN} '<title>phpinfo()</title>'; }}",
    ),
    plant_defect(
        "a source map",
        "source-maps",
        more=f'location ~ \\.map$ {{ {OPEN} \'{{"version":3,"sources":[],"mappings":"A"}}\'; }}',
    ),
    plant_defect(
        "the inside of an error",
        "error-pages-plain",
        more=f"location = /api/readycheck-no-such-page {{ {OPEN} 'Error\n    at notFound (/app/src/errors.js:4:17)\n'; }}",
    ),
    plant_defect("nothing is compressed", "compression", gzip="gzip off;"),
    plant_defect("only pages are compressed", "compression", gzip="gzip on; gzip_vary on;"),
    plant_defect("no validator", "cache-validators", asset_extra="etag off; add_header Last-Modified '';"),
    plant_defect("validators are not looked at", "cache-validators", asset_extra="etag off; if_modified_since off;"),
    plant_defect("a cookie in a shared cache", "cache-validators", page_caching='"public, max-age=600"'),
    plant_defect("a cookie in whatever cache", "cache-validators", page_caching='"max-age=600"'),
    plant_defect(
        "assets for a minute",
        "static-assets-cached",
        asset_caching='add_header Cache-Control "max-age=60"; add_header CF-Cache-Status HIT;',
    ),
    plant_defect(
        "assets without a word on caching", "static-assets-cached", asset_caching="add_header CF-Cache-Status HIT;"
    ),
    plant_defect("nobody to write to", "security-txt", security="return 404;"),
    plant_defect(
        "an expired security.txt",
        "security-txt",
        security='default_type text/plain; return 200 "Contact: mailto:a@b.example\\nExpires: 2025-01-01T00:00:00Z\\n";',
    ),
    plant_defect(
        "a security.txt without contact",
        "security-txt",
        security='default_type text/plain; return 200 "Expires: <<expires>>\\n";',
    ),
    plant_defect(
        "a security.txt that is a page",
        "security-txt",
        security='default_type text/html; return 200 "<!doctype html><p>Hi";',
    ),
    plant_defect("no health", "health", health="return 404;"),
    plant_defect(
        "health that lies", "health", health='add_header Cache-Control no-store; return 200 \'{"status":"DOWN"}\';'
    ),
    plant_defect("health that fails", "health", health='return 503 \'{"status":"DOWN"}\';'),
    plant_defect(
        "health in a cache",
        "health",
        health="add_header Cache-Control 'public, max-age=300'; return 200 '{\"status\":\"pass\"}';",
    ),
    plant_defect(
        "health with a password", "health", health='return 200 \'{"status":"pass","db":"postgres://app:pw@db/app"}\';'
    ),
    plant_defect(
        "health behind a login",
        "health",
        health="if ($http_authorization = '') { return 401; } return 200 '{\"status\":\"pass\"}';",
    ),
    plant_defect("health tells its versions", "health", health='return 200 \'{"status":"pass","node":"20.11.1"}\';'),
    plant_defect("users for everybody", "protected-path", users=OPEN_USERS),
    plant_defect(
        "users for any token",
        "protected-path",
        users=f"if ($http_authorization = '') {{ return 401; }} {OPEN_USERS}",
    ),
    plant_defect(
        "users for unsigned tokens",
        "protected-path",
        users=f"if ($http_authorization ~ eyJhbGciOiJub25l) {{ {OPEN_USERS} }} return 401;",
    ),
    plant_defect("a limit of nothing", "rate-limit-observed", page_extra='add_header X-RateLimit-Limit "0";'),
    plant_defect("no limit at all", "rate-limit-met", loaded=True, page_extra='add_header X-RateLimit-Limit "1000";'),
    plant_defect(
        "another commit",
        "deployed-commit",
        version='return 200 \'{"commit":"0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"}\';',
    ),
    plant_defect("metrics that are none", "metrics-exposed", metrics="return 200 'hello 1';"),
    plant_defect(
        "metrics that do not parse",
        "metrics-exposed",
        metrics="if ($http_authorization = '') { return 401; } return 200 '# TYPE a counter\na{b=1} 2\n';",
    ),
    plant_defect(
        "tls of old",
        "tls-protocol",
        tls="ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM:ECDHE+AES:@SECLEVEL=0;",
    ),
    plant_defect(
        "tls 1.1 beside the new",
        "tls-protocol",
        tls="ssl_protocols TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM:ECDHE+AES:@SECLEVEL=0;",
    ),
    plant_defect(
        "suites without encryption",
        "tls-suites",
        certificate="rsa",
        tls="ssl_protocols TLSv1.2; ssl_ciphers ECDHE+AESGCM:eNULL:@SECLEVEL=0;",
    ),
    plant_defect(
        "suites without a certificate",
        "tls-suites",
        tls="ssl_protocols TLSv1.2; ssl_ciphers ECDHE+AESGCM:aNULL:@SECLEVEL=0;",
    ),
    plant_defect(
        "a short key exchange",
        "tls-suites",
        certificate="rsa",
        tls="ssl_protocols TLSv1.2; ssl_ciphers ECDHE+AESGCM:DHE+AESGCM:@SECLEVEL=0; ssl_dhparam <<root>>/dh1024.pem;",
    ),
    plant_defect("an expired certificate", "tls-certificate hsts", certificate="expired"),
    plant_defect("a certificate of tomorrow", "tls-certificate hsts", certificate="early"),
    plant_defect("a certificate for elsewhere", "tls-certificate hsts", certificate="elsewhere"),
    plant_defect("a certificate without names", "tls-certificate hsts", certificate="unnamed"),
    plant_defect("a certificate made at home", "tls-certificate hsts", certificate="selfmade"),
    plant_defect("a stranger's certificate", "tls-certificate hsts", certificate="stranger"),
    plant_defect("a chain with a gap", "tls-certificate hsts", certificate="alone"),
    plant_defect("a short key", "tls-certificate hsts", certificate="short"),
    plant_defect("a signature with sha-1", "tls-certificate hsts", certificate="sha1"),
    plant_defect("a certificate for clients", "tls-certificate hsts", certificate="client"),
    plant_defect("an authority that has expired", "tls-certificate hsts", certificate="middle-ended"),
    plant_defect("an authority with a short key", "tls-certificate hsts", certificate="middle-short"),
    plant_defect("an authority near its end", "tls-certificate", certificate="middle-ending"),
    plant_defect("a certificate near its end", "tls-certificate", certificate="ending"),
    plant_defect("a certificate that must be stapled", "tls-certificate", certificate="stapling"),
    plant_defect("some paths go around the edge", "edge-network", asset_headers=without("edge")),
    plant_defect(
        "the edge keeps nothing",
        "cdn",
        asset_caching='add_header Cache-Control "public, max-age=31536000, immutable"; add_header CF-Cache-Status DYNAMIC;',
    ),
    # Two checks ask for the front page: unless a document names another one, it is what people are told to fetch.
    plant_defect("the front page is gone", "deployment-answers documented-page-answers", page_answer="return 502;"),
    # What refuses everybody answers as itself, and is not the page that people are told to fetch.
    plant_defect("the front page is not found", "documented-page-answers", page_answer="return 404;"),
]

#: Settings that look strange and are no defects: stock ones, and habits of frameworks. They change nothing for any check
#: but those that are named, with their outcomes.
HARMLESS = [
    plant_defect(
        "debian's own tls",
        "",
        certificate="rsa",
        tls="ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers on;",
    ),
    plant_defect("health is a bare word", "", health_type="default_type text/html;", health="return 200 OK;"),
    plant_defect(
        "every path is the application",
        "",
        more="error_page 404 =200 /index.html; location = /index.html { <<headers>> }",
        users="return 404;",
    ),
    plant_defect(
        "hsts in odd letters", "", hsts="strict-transport-security 'INCLUDESUBDOMAINS ; max-AGE=\"63072000\"'"
    ),
    plant_defect(
        "two policies of which one holds",
        "",
        csp=f"{CSP} \"script-src 'self' 'unsafe-inline' {ELSEWHERE}\" always; add_header "
        + policy(f"default-src 'self' {ELSEWHERE}"),
    ),
    plant_defect("a counter's cookie", "", cookie='"_ga=GA1.1.${request_id}; Path=/; Secure"'),
    plant_defect("everybody may read", "", options='add_header Access-Control-Allow-Origin "*" always;'),
    plant_defect("a certificate of six days", "", certificate="brief"),
    plant_defect(
        "status pages for the host itself",
        "",
        more=f"location = /server-status {{ allow 127.0.0.1; deny all; {OPEN} 'Apache Server Status'; }}",
    ),
    plant_defect("no policy on privacy here", "", privacy="return 404;", documentation="return 404;"),
]
DIFFERENT = {
    "every path is the application": {"protected-path": Outcome.UNKNOWN, "directory-listing-off": Outcome.PASS},
    "a counter's cookie": {"cookie-flags": Outcome.NOT_APPLICABLE},
    "status pages for the host itself": {"metrics-not-public": Outcome.UNKNOWN},
    "no policy on privacy here": {
        "privacy-policy-served": Outcome.UNKNOWN,
        "api-documentation-served": Outcome.UNKNOWN,
    },
}

#: What a site on loopback cannot show, whatever it does: see the reasons in the checks.
UNSEEN = {
    "error-rate": Outcome.UNKNOWN,
    "ports-closed": Outcome.NOT_CHECKED,
    "load-balancer-observed": Outcome.NOT_APPLICABLE,  # there is none
    "feature-answers": Outcome.UNKNOWN,  # nobody named one
}


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with estate(tmp_path_factory.mktemp("estate"), [CLEAN, *PLANTED, *HARMLESS]) as running:
        yield running


def test_the_clean_site_passes_everything(sites: Estate) -> None:
    seen = sites.audit("clean")
    # How long an answer takes on a busy machine is not this test's business, only that enough were timed to tell.
    assert seen.pop("latency").outcome in (Outcome.PASS, Outcome.FAIL)
    wanted = {name: UNSEEN.get(name, Outcome.PASS) for name in seen}
    assert {name: one.outcome for name, one in seen.items()} == wanted, {
        name: (one.examined, one.findings) for name, one in seen.items() if one.outcome is not wanted[name]
    }


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.name)
def test_a_defect_is_found_by_the_checks_that_should_and_by_no_other(sites: Estate, planted: Planted) -> None:
    seen = failing(sites.audit(planted.name))
    assert set(seen) == planted.found_by, seen


#: Checks that cost many requests, which the harmless ones are not asked.
LOADED = {"latency", "error-rate", "rate-limit-met", "ports-closed"}


@pytest.mark.parametrize("harmless", HARMLESS, ids=lambda one: one.name)
def test_what_is_no_defect_is_found_by_nobody(sites: Estate, harmless: Planted) -> None:
    seen = {name: one for name, one in sites.audit(harmless.name).items() if name not in LOADED}
    wanted = {name: UNSEEN.get(name, Outcome.PASS) for name in seen} | DIFFERENT.get(harmless.name, {})
    assert {name: one.outcome for name, one in seen.items()} == wanted, {
        name: (one.examined, one.findings) for name, one in seen.items() if one.outcome is not wanted[name]
    }


def test_there_are_enough_defects_and_each_has_a_name_of_its_own() -> None:
    assert len({one.name for one in PLANTED}) == len(PLANTED) >= 60
