"""One nginx with many sites: a clean one, and for each planted defect the same site with that defect alone."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import trustme
from support.bad_certificates import make_certificates

from readycheck.catalogue import Catalogue, load_catalogue
from readycheck.evaluate import Observation, evaluate
from readycheck.facts.service import RateLimitBurst, ServiceLevels
from readycheck.facts.store import Audited
from readycheck.gather.deployment.gatherer import DeploymentGatherer
from readycheck.gather.deployment.site import Site
from readycheck.gather.gatherer import gather
from readycheck.gather.gittree import GitTree
from readycheck.gather.planted import plant
from readycheck.gather.project import tree_gatherers
from readycheck.gather.tls.gatherer import TlsGatherer
from readycheck.model import Outcome, Target

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")

#: What the audit brings along, so that it may read the metrics.
SCRAPE = "Bearer scrape-ticket"

#: The digest of nothing in particular, in the right shape.
DIGEST = "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC"

#: What every response of the clean site carries, one `add_header` a slot.
HEADERS = {
    "hsts": 'Strict-Transport-Security "max-age=63072000; includeSubDomains"',
    "nosniff": "X-Content-Type-Options nosniff",
    "referrer": "Referrer-Policy strict-origin-when-cross-origin",
    "csp": (
        "Content-Security-Policy \"default-src 'self' https://cdn.other.net; script-src 'self' 'nonce-$request_id' "
        "https://cdn.other.net; object-src 'none'; base-uri 'none'; frame-ancestors 'none'\""
    ),
    "permissions": 'Permissions-Policy "camera=(), geolocation=(self)"',
    "coop": "Cross-Origin-Opener-Policy same-origin",
    "coep": "Cross-Origin-Embedder-Policy require-corp",
    "corp": "Cross-Origin-Resource-Policy same-origin",
    "edge": "CF-Ray 8d0-FRA",
}

#: Everything else that a defect may replace.
SLOTS = {
    "plain": "return 308 https://$host:<<secure>>$request_uri;",
    "certificate": "good",
    "tls": "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20:@SECLEVEL=0;",
    "tokens": "server_tokens off;",
    "gzip": "gzip on; gzip_types text/javascript application/json text/plain; gzip_vary on; gzip_min_length 256;",
    "cookie": '"__Host-sid=$request_id; Path=/; Secure; HttpOnly; SameSite=Lax"',
    "page_caching": '"private, no-cache"',
    "page_extra": 'add_header RateLimit "\\"default\\";r=50;t=30"; limit_req zone=each burst=60 nodelay;',
    "page_answer": "",
    "page": "index.html",
    "asset_headers": "<<headers>>",
    "asset_caching": 'add_header Cache-Control "public, max-age=31536000, immutable"; add_header CF-Cache-Status HIT;',
    "asset_extra": "",
    "missing_headers": "<<headers>>",
    "health_headers": "<<headers>>",
    "health_type": "default_type application/json;",
    "health": 'add_header Cache-Control no-store; return 200 \'{"status":"pass"}\';',
    "users": "return 401;",
    "options": "",
    "metrics": 'if ($http_authorization != "' + SCRAPE + '") { return 401; } return 200 "<<exposition>>";',
    "version": 'return 200 \'{"commit":"<<commit>>"}\';',
    "security": 'default_type text/plain; return 200 "Contact: mailto:security@service.example\\nExpires: <<expires>>\\n";',
    "documentation": 'return 200 \'{"openapi":"3.1.0"}\';',
    "privacy": "return 200 '<!doctype html><title>Privacy policy</title>';",
    "folder": "",
    "more": "",
}

EXPOSITION = (
    '# TYPE http_requests_total counter\\nhttp_requests_total{code=\\"200\\"} 100\\n'
    '# TYPE http_request_duration_seconds histogram\\nhttp_request_duration_seconds_bucket{le=\\"0.1\\"} 99\\n'
    'http_request_duration_seconds_bucket{le=\\"+Inf\\"} 100\\nhttp_request_duration_seconds_sum 4\\n'
    "http_request_duration_seconds_count 100\\n"
)

_HEAD = """
daemon on;
worker_processes 1;
worker_rlimit_nofile 4096;
pid <<root>>/nginx.pid;
error_log <<root>>/error.log;
<<user>>
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path <<root>>/body; proxy_temp_path <<root>>/proxy; fastcgi_temp_path <<root>>/fastcgi;
  uwsgi_temp_path <<root>>/uwsgi; scgi_temp_path <<root>>/scgi;
  types { text/html html; text/javascript js; application/json json map; text/plain txt; }
  default_type text/html;
  limit_req_zone $server_port zone=each:1m rate=20r/s;
  limit_req_status 429;
  map $http_origin $stranger_suffix { default ""; "~stranger\\.invalid$" $http_origin; }
  map $http_origin $null_origin { default ""; "null" "null"; }
"""

_SITE = """
  server { listen 127.0.0.1:<<plain_port>>; root <<root>>/site; <<plain>> }
  server {
    listen 127.0.0.1:<<secure>> ssl;
    ssl_certificate <<root>>/<<certificate>>.pem; ssl_certificate_key <<root>>/<<certificate>>.key; <<tls>>
    root <<root>>/site;
    <<tokens>>
    <<gzip>>
    absolute_redirect off;
    error_page 404 /missing.html;
    location = /missing.html { internal; <<missing_headers>> }
    location = / {
      <<headers>>
      add_header Set-Cookie <<cookie>>;
      add_header Cache-Control <<page_caching>>;
      <<page_extra>>
      <<options>>
      <<page_answer>>
      try_files /<<page>> =404;
    }
    location /static/ { <<asset_headers>> <<asset_caching>> <<asset_extra>> }
    location = /static/ { <<headers>> <<folder>> }
    location = /api/v1/health { <<health_type>> <<health_headers>> <<options>> <<health>> }
    location = /api/v1/users { default_type application/json; <<headers>> <<users>> }
    location = /metrics { default_type "text/plain; version=0.0.4"; <<headers>> <<metrics>> }
    location = /version { default_type application/json; <<headers>> <<version>> }
    location = /.well-known/security.txt { <<headers>> <<security>> }
    location = /api-docs { default_type application/json; <<headers>> <<documentation>> }
    location = /privacy { <<headers>> <<privacy>> }
    <<more>>
    location / { <<headers>> try_files $uri $uri/ =404; }
  }
"""


class Planted(NamedTuple):
    """A defect: its name, the checks that must fail by it, and what it replaces of the clean site.

    `loaded` also asks what costs many requests.
    """

    name: str
    found_by: frozenset[str]
    slots: Mapping[str, str] = {}
    loaded: bool = False


def plant_defect(name: str, found_by: str, *, loaded: bool = False, **slots: str) -> Planted:
    """A defect that these checks (between blanks) must find."""
    return Planted(name, frozenset(found_by.split()), slots, loaded)


class Estate:
    """The running sites."""

    def __init__(self, root: Path, ports: Mapping[str, int], ca: trustme.CA, planted: Mapping[str, Planted]) -> None:
        self.root = root
        self.ports = ports
        self.ca = ca
        self.planted = planted
        self.catalogue: Catalogue = load_catalogue()

    def url(self, name: str) -> str:
        """Where a site is."""
        return f"https://127.0.0.1:{self.ports[name]}"

    def audit(self, name: str) -> dict[str, Observation]:
        """What every check on deployments says of a site."""
        planted = self.planted[name]
        return audited(
            self.catalogue,
            self.url(name),
            plain_port=self.ports[f"{name} plain"],
            authorities=self.ca.cert_pem.bytes().decode(),
            repository=self.root / "repository",
            loaded=planted.loaded,
        )


def audited(  # noqa: PLR0913 - each is something that an audit may be given
    catalogue: Catalogue,
    url: str,
    *,
    plain_port: int = 0,
    authorities: str = "",
    repository: Path | None = None,
    loaded: bool = False,
    site: Site | None = None,
    timeout: float = 20,
) -> dict[str, Observation]:
    """What every check on deployments says of the site at this URL."""
    checks = [check for check in catalogue.checks.values() if check.target is Target.DEPLOYMENT]
    site = site or Site(headers=(("Authorization", SCRAPE),), burst=loaded, most_requests=400)
    found: list[Any] = [
        DeploymentGatherer(url, timeout=timeout, plain_port=plain_port, site=site, pace=0.0),
        TlsGatherer(url, timeout=timeout, authorities=authorities),
        *(tree_gatherers(GitTree(repository)) if repository else []),
    ]
    asked = [question for check in checks for question in check.probe.questions()]
    wanted = [one for one in asked if loaded or not isinstance(one, (ServiceLevels, RateLimitBurst))]
    targets = [Audited(Target.DEPLOYMENT, url), Audited(Target.REPOSITORY, "planted")]
    facts = gather(found, wanted, targets, timeout=120)
    return {check.id: evaluate(check, facts) for check in checks}


def failing(observations: Mapping[str, Observation]) -> dict[str, list[str]]:
    """The checks that fail, and what each found."""
    return {
        name: [finding.message for finding in one.findings]
        for name, one in observations.items()
        if one.outcome is Outcome.FAIL
    }


@contextmanager
def estate(root: Path, planted: Sequence[Planted]) -> Iterator[Estate]:
    """Every site, up as long as the context lasts."""
    ca, other = trustme.CA(), trustme.CA()
    _files(root)
    commit = _repository(root / "repository")
    make_certificates(root, ca, other)
    names = [name for one in planted for name in (one.name, f"{one.name} plain")]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    user = "user root;" if os.geteuid() == 0 else ""
    sites = [site_configuration(one, root, ports, commit) for one in planted]
    (root / "nginx.conf").write_text(_filled(_HEAD, {"root": str(root), "user": user}) + "".join(sites) + "}\n")
    command = [str(NGINX), "-p", str(root), "-c", str(root / "nginx.conf"), "-e", str(root / "error.log")]
    # With `daemon on` the command returns when the ports are open.
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    try:
        yield Estate(root, ports, ca, {one.name: one for one in planted})
    finally:
        subprocess.run([*command, "-s", "stop"], check=True, capture_output=True)


def site_configuration(one: Planted, root: Path, ports: Mapping[str, int], commit: str) -> str:
    """The two servers of a site, its defect in place."""
    unknown = set(one.slots) - set(SLOTS) - set(HEADERS)
    assert not unknown, unknown
    lines = {name: one.slots.get(name, line) for name, line in HEADERS.items()}
    headers = " ".join(f"add_header {line} always;" for line in lines.values() if line)
    expires = (dt.datetime.now(dt.UTC) + dt.timedelta(days=90)).isoformat(timespec="seconds")
    values = {
        "root": str(root),
        "secure": str(ports[one.name]),
        "plain_port": str(ports[f"{one.name} plain"]),
        "headers": headers,
        "exposition": EXPOSITION,
        "commit": commit,
        "expires": expires,
        **{f"header_{name}": f"add_header {line} always;" for name, line in lines.items()},
    }
    filled = {name: _filled(one.slots.get(name, text), values) for name, text in SLOTS.items()}
    return _filled(_SITE, {**values, **filled})


def _filled(text: str, values: Mapping[str, str]) -> str:
    """The text with each `<<name>>` replaced: braces and dollars are nginx's own."""
    return re.sub(r"<<(\w+)>>", lambda found: values[found[1]], text)


def free_ports(count: int) -> list[int]:
    import socket

    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(listener.getsockname()[1]) for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def _files(root: Path) -> None:
    static = root / "site" / "static"
    static.mkdir(parents=True)
    body = "<p>Hello</p>" * 200
    scripts = "<script src='/static/app.4f3a9c1e.js'></script>"
    foreign = "<script src='https://cdn.other.net/a.js' {}></script>"
    pages = {
        "index": f"integrity='{DIGEST}' crossorigin",
        "unsigned": "",
        "uncrossed": f"integrity='{DIGEST}'",
        "badly": "integrity='md5-abcdef' crossorigin",
    }
    for name, attributes in pages.items():
        (root / "site" / f"{name}.html").write_text(
            f"<!doctype html><title>Loans</title>{scripts}{foreign.format(attributes)}{body}"
        )
    (root / "site" / "missing.html").write_text("<!doctype html><title>Not found</title>")
    (static / "app.4f3a9c1e.js").write_text("let greeting = 'hello';\n" * 200)


def _repository(folder: Path) -> str:
    folder.mkdir()
    plant(folder, [{"app.js": "1"}])
    done = subprocess.run(["git", "-C", str(folder), "rev-parse", "main"], check=True, capture_output=True, text=True)
    return done.stdout.strip()
