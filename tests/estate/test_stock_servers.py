"""Servers as their packages set them up, with a small site: what an expert would say of each, and nothing else."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import trustme
from support.live_estate import audited, failing, free_ports

from readycheck.catalogue import load_catalogue
from readycheck.evaluate import Observation
from readycheck.gather.deployment.site import Site
from readycheck.model import Outcome

CATALOGUE = load_catalogue()
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"

#: What none of them does unless it is told to, and this site does not have.
BARE = {
    "content-security-policy",
    "cross-origin-opener",
    "frame-control",
    "health",
    "hsts",
    "nosniff",
    "permissions-policy",
    "security-txt",
    "static-assets-cached",
}

Config = Callable[[Path, int, int], tuple[list[str], dict[str, str]]]


def nginx(root: Path, secure: int, plain: int) -> tuple[list[str], dict[str, str]]:
    """Debian's nginx.conf and its default site, with a certificate."""
    site = Path("/etc/nginx/sites-available/default").read_text()
    site = site.replace("listen 80 default_server;", f"listen 127.0.0.1:{plain} default_server;")
    tls = f"listen 127.0.0.1:{secure} ssl; ssl_certificate {root}/chain.pem; ssl_certificate_key {root}/key.pem;"
    site = site.replace("listen [::]:80 default_server;", tls).replace("root /var/www/html;", f"root {root}/www;")
    folders = " ".join(
        f"{name}_temp_path {root}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    text = Path("/etc/nginx/nginx.conf").read_text()
    text = text.replace("include /etc/nginx/sites-enabled/*;", f"{folders}\n{site}")
    text = re.sub(r"include /etc/nginx/modules-enabled/[^;]*;|user www-data;", "", text)
    text = text.replace("/run/nginx.pid", f"{root}/pid").replace("/var/log/nginx", str(root))
    user = "user root;" if os.geteuid() == 0 else ""
    (root / "nginx.conf").write_text(f"daemon off; {user}\n{text}")
    return ["nginx", "-c", str(root / "nginx.conf"), "-e", str(root / "error.log")], {}


def apache(root: Path, secure: int, plain: int) -> tuple[list[str], dict[str, str]]:
    """Debian's apache2.conf with its modules and both of its sites."""
    etc = Path("/etc/apache2")
    text = (etc / "apache2.conf").read_text()
    text = text.replace("Include ports.conf", f"Listen 127.0.0.1:{plain}\nListen 127.0.0.1:{secure}")
    text = re.sub(r"IncludeOptional sites-enabled\S*", "", text)
    text += f"<Directory {root}/www>\nRequire all granted\nOptions Indexes\n</Directory>\n"
    for name, old, new in (("000-default", "*:80", plain), ("default-ssl", "_default_:443", secure)):
        site = (etc / "sites-available" / f"{name}.conf").read_text()
        site = site.replace(old, f"*:{new}").replace("*:443", f"*:{new}").replace("/var/www/html", f"{root}/www")
        site = re.sub(r"SSLCertificateFile\s+\S+", f"SSLCertificateFile {root}/chain.pem", site)
        text += re.sub(r"SSLCertificateKeyFile\s+\S+", f"SSLCertificateKeyFile {root}/key.pem", site)
    modules = "".join(
        f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n" for name in ("socache_shmcb", "ssl")
    )
    (root / "apache.conf").write_text(f"ServerRoot {etc}\nServerName localhost\n{modules}{text}")
    environment = {f"APACHE_{name}": str(root) for name in ("RUN_DIR", "LOCK_DIR", "LOG_DIR")}
    environment |= {"APACHE_PID_FILE": f"{root}/pid", "APACHE_RUN_USER": "www-data", "APACHE_RUN_GROUP": "www-data"}
    return ["apache2", "-f", str(root / "apache.conf"), "-DFOREGROUND"], environment


def caddy(root: Path, secure: int, plain: int) -> tuple[list[str], dict[str, str]]:
    """A file server with a certificate and Caddy's compression, as its tutorial has it."""
    (root / "Caddyfile").write_text(
        f"{{\n admin off\n auto_https disable_redirects\n}}\n"
        f"https://127.0.0.1:{secure} {{\n tls {root}/chain.pem {root}/key.pem\n root * {root}/www\n encode zstd gzip\n"
        f" file_server\n}}\nhttp://127.0.0.1:{plain} {{\n redir https://127.0.0.1:{secure}{{uri}} permanent\n}}\n"
    )
    folders = {name: str(root) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    return ["caddy", "run", "--config", str(root / "Caddyfile"), "--adapter", "caddyfile"], folders


#: The servers, and what each does besides or instead, by its package's own settings.
SERVERS: dict[str, tuple[Config, set[str]]] = {
    # It compresses pages alone, and answers plain HTTP.
    "nginx": (nginx, BARE | {"compression", "https-redirect", "version-headers-hidden"}),
    # It lists folders where `Indexes` is on, and marks the ETag of what it compresses so that it never knows it again
    # (`DeflateAlterETag AddSuffix`).
    "apache2": (
        apache,
        BARE | {"cache-validators", "directory-listing-off", "https-redirect", "version-headers-hidden"},
    ),
    "caddy": (caddy, BARE),
}


@contextmanager
def running(name: str, root: Path) -> Iterator[tuple[int, int]]:
    secure, plain = free_ports(2)
    command, environment = SERVERS[name][0](root, secure, plain)
    program = str(shutil.which(command[0], path=PATH))
    with (
        (root / "log").open("w") as log,
        subprocess.Popen(
            [program, *command[1:]], cwd=root, env={**os.environ, **environment}, stdout=log, stderr=log
        ) as process,
    ):
        try:
            _wait(process, secure, root)
            yield secure, plain
        finally:
            process.terminate()


def _wait(process: subprocess.Popen[bytes], port: int, root: Path) -> None:
    for _ in range(200):
        assert process.poll() is None, (root / "log").read_text()
        with closing(socket.socket()) as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError((root / "log").read_text())


def site(root: Path, ca: trustme.CA) -> None:
    issued = ca.issue_cert("127.0.0.1", key_type=trustme.KeyType.RSA)
    (root / "chain.pem").write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    (root / "key.pem").write_bytes(issued.private_key_pem.bytes())
    folder = root / "www" / "css"
    folder.mkdir(parents=True)
    (folder / "site.css").write_text("body { margin: 0; }\n" * 120)
    body = "<p>Welcome to our shop.</p>" * 120
    (root / "www" / "index.html").write_text(
        f"<!doctype html><title>Shop</title><link rel=stylesheet href=/css/site.css>{body}"
    )
    # Apache drops its rights, and must reach the site below a folder of the tests.
    for one in (root, *root.parents):
        if one.stat().st_uid == os.getuid() and one.is_relative_to("/tmp") and str(one) != "/tmp":
            one.chmod(0o755)


@pytest.fixture(params=SERVERS)
def seen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, dict[str, Observation]]]:
    if shutil.which(request.param, path=PATH) is None:
        pytest.skip(f"{request.param} is not installed")
    ca = trustme.CA(key_type=trustme.KeyType.RSA)
    site(tmp_path, ca)
    with running(request.param, tmp_path) as (secure, plain):
        yield (
            request.param,
            audited(
                CATALOGUE,
                f"https://127.0.0.1:{secure}",
                plain_port=plain,
                authorities=ca.cert_pem.bytes().decode(),
                site=Site(),
            ),
        )


def test_a_stock_server_gets_the_verdicts_that_an_expert_would_give(seen: tuple[str, dict[str, Observation]]) -> None:
    name, observations = seen
    assert set(failing(observations)) == SERVERS[name][1], failing(observations)
    decided = {check: one.outcome for check, one in observations.items()}
    # Debian's settings name TLS 1.0 and 1.1, which its OpenSSL cannot speak.
    for check in ("tls-protocol", "tls-suites", "tls-certificate", "cors-foreign-origin", "trace-off"):
        assert decided[check] is Outcome.PASS, observations[check].examined
    # Guesses that found nothing, and what Apache shows to its own host alone.
    for check in ("privacy-policy-served", "api-documentation-served", "protected-path"):
        assert decided[check] is Outcome.UNKNOWN
    assert decided["metrics-not-public"] is (Outcome.UNKNOWN if name == "apache2" else Outcome.PASS)
