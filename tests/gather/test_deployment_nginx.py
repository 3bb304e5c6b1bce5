"""The whole way, gatherer to judgement, on a real nginx with planted defects."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
import trustme

from readycheck.catalogue import load_catalogue
from readycheck.evaluate import Observation, evaluate
from readycheck.facts.store import Audited
from readycheck.gather.deployment.gatherer import DeploymentGatherer
from readycheck.gather.gatherer import gather
from readycheck.gather.tls.gatherer import TlsGatherer
from readycheck.model import Outcome, Target

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")

CATALOGUE = load_catalogue()

HEAD = """
daemon on;
worker_processes 1;
pid {root}/nginx.pid;
error_log {root}/error.log;
{user}
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {root}/body; proxy_temp_path {root}/proxy; fastcgi_temp_path {root}/fastcgi;
  uwsgi_temp_path {root}/uwsgi; scgi_temp_path {root}/scgi;
  types {{ text/html html; text/javascript js; application/json json; text/plain txt; }}
  default_type text/plain;
"""

GOOD = """
  server_tokens off;
  gzip on; gzip_types text/javascript application/json text/plain; gzip_min_length 256; gzip_vary on;
  server {{ listen 127.0.0.1:{plain}; return 308 https://$host:{secure}$request_uri; }}
  server {{
    listen 127.0.0.1:{secure} ssl;
    ssl_certificate {root}/chain.pem; ssl_certificate_key {root}/key.pem; ssl_protocols TLSv1.2 TLSv1.3;
    root {root}/site;
    add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;
    add_header X-Content-Type-Options nosniff always;
    add_header Referrer-Policy strict-origin-when-cross-origin always;
    add_header Content-Security-Policy
      "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'" always;
    add_header Cache-Control "public, max-age=31536000, immutable";
    location = /health {{
      default_type application/json; add_header Cache-Control no-store; return 200 '{{"status":"pass"}}';
      add_header Strict-Transport-Security "max-age=63072000; includeSubDomains"; add_header X-Content-Type-Options nosniff;
    }}
    location ~ /\\.(?!well-known) {{ deny all; }}
    location /api/ {{ return 401; }}
  }}
}}
"""

BAD = """
  gzip off;
  server {{ listen 127.0.0.1:{plain}; root {root}/site; }}
  server {{
    listen 127.0.0.1:{secure} ssl;
    ssl_certificate {root}/chain.pem; ssl_certificate_key {root}/key.pem;
    ssl_protocols TLSv1.2; ssl_ciphers "ALL:aNULL:@SECLEVEL=0";
    root {root}/site; etag off;
    add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;
    add_header X-Content-Type-Options nosniff always;
    add_header Content-Security-Policy "script-src 'self' 'unsafe-inline'";
    add_header Access-Control-Allow-Origin $http_origin;
    add_header Access-Control-Allow-Credentials true;
    add_header Set-Cookie "connect.sid=abcdef; Path=/";
    location ~ \\.js$ {{ add_header Cache-Control "max-age=60"; if_modified_since off; }}
    location = /health {{ default_type application/json; return 200 '{{"status":"DOWN","db":"postgres://a:b@db/c"}}'; }}
    location /api/ {{ default_type application/json; return 200 '[]'; }}
  }}
}}
"""


def free_ports(count: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(listener.getsockname()[1]) for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def observe_all(root: Path, configuration: str, ca: trustme.CA) -> dict[str, Observation]:
    plain, secure = free_ports(2)
    site = root / "site"
    (site / ".git").mkdir(parents=True)
    (site / "index.html").write_text("<!doctype html><script src='/app.js'></script>" + "<p>Hello</p>" * 200)
    (site / "app.js").write_text("let greeting = 'hello';\n" * 200)
    (site / ".git" / "config").write_text("[core]\n\tbare = false\n")
    (site / ".env").write_text("JWT_SECRET=kX9vQ2mZr7Lp4Tn8Wb1Yc6Hd3Fs5\n")
    certificate = ca.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(root / "key.pem")
    (root / "chain.pem").write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    user = "user root;" if os.geteuid() == 0 else ""
    text = (HEAD + configuration).format(root=root, plain=plain, secure=secure, user=user)
    (root / "nginx.conf").write_text(text)
    command = [str(NGINX), "-p", str(root), "-c", str(root / "nginx.conf"), "-e", str(root / "error.log")]
    # With `daemon on` the command returns when the ports are open.
    subprocess.run(command, check=True, capture_output=True)
    try:
        return audit(f"https://127.0.0.1:{secure}", plain, ca)
    finally:
        subprocess.run([*command, "-s", "stop"], check=True, capture_output=True)


def audit(url: str, plain: int, ca: trustme.CA) -> dict[str, Observation]:
    checks = [check for check in CATALOGUE.checks.values() if check.target is Target.DEPLOYMENT]
    found: Any = [
        DeploymentGatherer(url, timeout=10, plain_port=plain),
        TlsGatherer(url, timeout=10, authorities=ca.cert_pem.bytes().decode()),
    ]
    questions = [question for check in checks for question in check.probe.questions()]
    facts = gather(found, questions, [Audited(Target.DEPLOYMENT, url)], timeout=60)
    return {check.id: evaluate(check, facts) for check in checks}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Observation]:
    return observe_all(tmp_path_factory.mktemp("good"), GOOD, trustme.CA())


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Observation]:
    return observe_all(tmp_path_factory.mktemp("bad"), BAD, trustme.CA())


PASSING = [
    "hsts",
    "nosniff",
    "frame-control",
    "referrer-policy",
    "content-security-policy",
    "https-redirect",
    "cors-foreign-origin",
    "version-headers-hidden",
    "git-not-exposed",
    "env-not-exposed",
    "trace-off",
    "metrics-not-public",
    "tls-protocol",
    "protected-path",
    "compression",
    "cache-validators",
    "static-assets-cached",
    "health",
]


@pytest.mark.parametrize("check", PASSING)
def test_a_hardened_server_passes(good: dict[str, Observation], check: str) -> None:
    assert good[check].outcome is Outcome.PASS, (good[check].examined, good[check].findings)


@pytest.mark.parametrize(
    ("check", "outcome"),
    [
        ("cookie-flags", Outcome.NOT_APPLICABLE),
        ("rate-limit-observed", Outcome.NOT_APPLICABLE),
        ("edge-network", Outcome.UNKNOWN),
        ("cdn", Outcome.UNKNOWN),
        ("metrics-exposed", Outcome.UNKNOWN),
        ("security-txt", Outcome.FAIL),
    ],
)
def test_what_a_hardened_server_does_not_show_is_not_claimed(
    good: dict[str, Observation], check: str, outcome: Outcome
) -> None:
    assert good[check].outcome is outcome, (good[check].examined, good[check].findings)


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ("hsts", "Strict-Transport-Security is not sent"),
        ("nosniff", "X-Content-Type-Options is not sent"),
        ("frame-control", "neither frame-ancestors nor X-Frame-Options"),
        ("tls-suites", "TLS_ECDH_anon_WITH"),
        ("content-security-policy", "script-src has 'unsafe-inline'"),
        ("https-redirect", "is answered over plain HTTP (200)"),
        ("cookie-flags", "connect.sid is a session's and not HttpOnly"),
        ("cors-foreign-origin", "the origin https://stranger.invalid is allowed, with credentials"),
        ("version-headers-hidden", "server: nginx/"),
        ("git-not-exposed", "/.git/config is open to anybody"),
        ("env-not-exposed", "/.env is open to anybody"),
        ("protected-path", "answers 200 with no token"),
        ("compression", "of text are sent unencoded"),
        ("cache-validators", "answers 200, not 304"),
        ("static-assets-cached", "lasts 60 seconds"),
        ("health", "its body says 'down' and its status 200"),
    ],
)
def test_a_planted_defect_is_found(bad: dict[str, Observation], check: str, message: str) -> None:
    assert bad[check].outcome is Outcome.FAIL, (bad[check].examined, bad[check].findings)
    assert any(message.lower() in finding.message.lower() for finding in bad[check].findings), bad[check].findings


def test_the_response_that_lost_its_headers_is_named(bad: dict[str, Observation]) -> None:
    assert [finding.location.url.rpartition("/")[2] for finding in bad["hsts"].findings] == ["app.js"]


def test_no_secret_is_in_what_was_found(bad: dict[str, Observation]) -> None:
    text = str(bad)
    assert "kX9vQ2mZr7Lp4Tn8" not in text
    assert "abcdef" not in text
    assert "a:b@" not in text
