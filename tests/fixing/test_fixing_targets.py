"""Scripts of a plan on real servers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.loopback_servers import http, routed, serving
from support.servers import Server, fresh, mariadb_run, postgresql_run

from readycheck.cli import run

pytest_plugins = ["support.database_fixtures"]

CHECKLIST = """\
version: 1
service: shop
sections:
  - title: A
    items:
      - {id: indexes, text: Indexes, claim: done, severity: high, checks: [foreign-keys-indexed, no-duplicate-indexes]}
      - {id: hot, text: Hot, claim: done, severity: high, checks: [declared-indexes], with: {declared-indexes: WANTED}}
      - id: headers
        text: Headers
        claim: done
        severity: medium
        checks: [nosniff, referrer-policy, frame-control, content-security-policy]
"""
WANTED = "{indexes: [{name: due, table: child, columns: [due]}]}"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "readiness.yaml").write_text(CHECKLIST.replace("WANTED", WANTED))
    (tmp_path / "package.json").write_text('{"dependencies": {"express": "5", "react": "19"}}')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def outcomes(capsys: pytest.CaptureFixture[str], *targets: str) -> dict[str, str]:
    capsys.readouterr()
    run(["audit", *targets, "-f", "json"])
    return {name: check["outcome"] for name, check in json.loads(capsys.readouterr().out)["checks"].items()}


def script(capsys: pytest.CaptureFixture[str], tool: str, *targets: str) -> str:
    run(["audit", *targets, "-o", "card.json", "-q"])
    capsys.readouterr()
    assert run(["fix", "card.json", "--tool", tool]) == 0
    return capsys.readouterr().out


def statements(text: str) -> list[str]:
    """The statements of a script, one by one as psql and mysql send them."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("--")]
    return [line.removesuffix(";") for line in lines]


@pytest.mark.usefixtures("shop")
def test_postgresql_takes_the_script(postgresql: Server, capsys: pytest.CaptureFixture[str]) -> None:
    made = [
        "CREATE TABLE parent (id int PRIMARY KEY)",
        'CREATE TABLE "odd ""name" (id int PRIMARY KEY, parent_id int REFERENCES parent)',
        "CREATE TABLE child (id int PRIMARY KEY, due date)",
        "CREATE INDEX twice ON child (id, due)",
        "CREATE INDEX again ON child (id, due)",
    ]
    with fresh(postgresql, "fixing", *made) as url:
        text = script(capsys, "postgresql", "--database", url)
        assert '-- DROP INDEX CONCURRENTLY "public"."' in text
        for statement in statements(text):
            postgresql_run(postgresql, "fixing", statement)
        seen = outcomes(capsys, "--database", url)
    assert (seen["foreign-keys-indexed"], seen["declared-indexes"]) == ("pass", "pass")
    assert seen["no-duplicate-indexes"] == "fail", "to drop one is for a person to decide"


@pytest.mark.usefixtures("shop")
def test_mariadb_takes_the_script(mariadb: Server, capsys: pytest.CaptureFixture[str]) -> None:
    made = ["CREATE TABLE child (id int PRIMARY KEY, due date) ENGINE = InnoDB"]
    with fresh(mariadb, "fixing", *made) as url:
        mariadb_run(mariadb, "fixing", *statements(script(capsys, "mysql", "--database", url)))
        assert outcomes(capsys, "--database", url)["declared-indexes"] == "pass"


@pytest.mark.usefixtures("shop")
def test_headers_are_written_once_for_the_stack_that_answers(capsys: pytest.CaptureFixture[str]) -> None:
    page = http(b"<!doctype html><script src=/a.js></script>")
    with serving(routed({"/": page, "/a.js": http(b"1", headers="Content-Type: text/javascript")})) as port:
        text = script(capsys, "headers", "--deployment", f"http://127.0.0.1:{port}")
    assert text.startswith("// FIRST: Send the policy as Content-Security-Policy-Report-Only")
    assert "// express: the application, before its routes" in text
    for name in ("X-Content-Type-Options", "X-Frame-Options", "Content-Security-Policy"):
        assert text.count(f"'{name}'") == 1
    capsys.readouterr()
    assert run(["fix", "card.json", "--tool", "headers", "--stack", "nginx"]) == 0
    assert 'add_header X-Content-Type-Options "nosniff" always;' in capsys.readouterr().out
