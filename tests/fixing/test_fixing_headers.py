from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from readycheck.fixing.headers import DIALECTS, configuration, stack_for
from readycheck.gather.manifests import _PREFIXES, _STACKS

HEADERS = [
    ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
    ("Content-Security-Policy", "default-src 'self'; object-src 'none'"),
]
SERVERS = {"nginx", "caddy", "apache"}


@pytest.mark.parametrize("stack", DIALECTS)
def test_every_stack_is_told_every_header(stack: str) -> None:
    made = configuration(HEADERS, stack)
    for name, _ in HEADERS:
        assert name.lower() in made.lower()
    assert "max-age=31536000; includeSubDomains" in made
    assert made.startswith(f"{DIALECTS[stack].comment} {stack}: ")


def test_every_stack_is_one_that_a_repository_can_have() -> None:
    known = {*_STACKS.values(), *(stack for _, stack in _PREFIXES)}
    assert set(DIALECTS) - SERVERS <= known


@pytest.mark.parametrize("stack", ["django", "fastapi", "flask"])
def test_python_is_python(stack: str) -> None:
    compile(configuration(HEADERS, stack), stack, "exec")


@pytest.mark.parametrize("stack", ["express", "nestjs", "fastify", "koa", "hapi", "next", "nuxt"])
def test_javascript_is_javascript(stack: str, tmp_path: Path) -> None:
    node = shutil.which("node") or pytest.skip("node is not installed")
    file = tmp_path / ("a.cjs" if stack != "nuxt" else "a.mjs")
    file.write_text(configuration(HEADERS, stack))
    subprocess.run([node, "--check", file], check=True)


def test_nginx_takes_it(tmp_path: Path) -> None:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin") or pytest.skip("nginx is not installed")
    (tmp_path / "nginx.conf").write_text(
        f"error_log {tmp_path}/error.log;\npid {tmp_path}/pid;\nevents {{}}\nhttp {{ access_log off;\n"
        f"client_body_temp_path {tmp_path}/b; proxy_temp_path {tmp_path}/p; fastcgi_temp_path {tmp_path}/f;\n"
        f"uwsgi_temp_path {tmp_path}/u; scgi_temp_path {tmp_path}/s;\n"
        f"server {{ listen 127.0.0.1:1;\n{configuration(HEADERS, 'nginx')}}} }}\n"
    )
    done = subprocess.run(
        [nginx, "-t", "-c", tmp_path / "nginx.conf", "-p", tmp_path], capture_output=True, text=True, check=False
    )
    assert "syntax is ok" in done.stderr, done.stderr


def test_the_stack_that_answers_is_written_for() -> None:
    assert stack_for(("express", "react", "sequelize")) == "express"
    assert stack_for(("express", "nestjs")) == "nestjs"
    assert stack_for(("react",)) == "nginx"
    assert stack_for(("express",), "caddy") == "caddy"
