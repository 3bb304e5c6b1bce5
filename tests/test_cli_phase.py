from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.loopback_servers import Handler, http, request_of, serving

from readycheck.catalogue import load_catalogue
from readycheck.checklist import load_checklist
from readycheck.cli import run
from readycheck.cli.waiting import seconds, wait_until_well
from readycheck.errors import UsageError
from readycheck.gather.targets import Targets

CHECKLIST = """\
version: 1
service: "shop <!channel> *bold*"
sections:
  - {title: A, items: [{id: a, text: A, claim: done, severity: low}]}
deployment_steps:
  - {id: deployment, title: Deployment, steps: [Deploy it]}
  - id: post-deployment
    title: Post-deployment
    steps: [{text: Verify health checks, checks: [health]}]
"""
WELL = http(b'{"status":"ok"}', headers="Content-Type: application/json\r\nCache-Control: no-store")
ILL = http(status="503 Service Unavailable")
GONE = http(status="404 Not Found")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "readiness.yaml").write_text(CHECKLIST)
    return tmp_path


def coming_up(after: int) -> Handler:
    """A service whose health endpoint is ill for so many requests."""
    asked: list[int] = []

    def handler(connection: socket.socket) -> None:
        path = request_of(connection).split(b" ")[1]
        if path == b"/health":
            asked.append(1)
        connection.sendall(GONE if path != b"/health" else WELL if len(asked) > after else ILL)

    return handler


@contextmanager
def hook(answer: bytes, seen: list[tuple[str, dict[str, str]]]) -> Iterator[str]:
    """A webhook that remembers what it was told."""

    def handler(connection: socket.socket) -> None:
        head, _, body = request_of(connection).partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        while len(body) < int(fields[b"content-length"]):
            body += connection.recv(65536)
        seen.append((fields[b"content-type"].decode(), json.loads(body)))
        connection.sendall(answer)

    with serving(handler) as port:
        yield f"http://127.0.0.1:{port}/services/T0/B0/secretpart"


def test_a_deployment_is_waited_for(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checklist = load_checklist(CHECKLIST, "readiness.yaml", load_catalogue())
    with serving(coming_up(2)) as port:
        targets = Targets(repository=str(shop), deployment=f"http://127.0.0.1:{port}")
        assert wait_until_well(checklist, targets, "1h", pauses=(0.01,))
    assert "the deployment is well after" in capsys.readouterr().err


def test_a_wait_ends_and_the_audit_then_shows_what_is_wrong(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(coming_up(1_000_000)) as port:
        options = ["--deployment", f"http://127.0.0.1:{port}", "--phase", "post-deploy", "--wait", "1s"]
        assert run(["audit", str(shop), *options]) == 1
    out, err = capsys.readouterr()
    assert "the deployment is not well after 0 s: " in err
    assert "✗ Verify health checks" in out
    assert err.splitlines()[-1].endswith("phase=post-deployment")


def test_a_well_deployment_is_not_waited_for(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(coming_up(0)) as port:
        options = ["--deployment", f"http://127.0.0.1:{port}", "--phase", "post-deploy", "--wait", "1h"]
        assert run(["audit", str(shop), *options]) == 0
    out, err = capsys.readouterr()
    assert "READY (scope: phase post-deployment)" in out
    assert "Every step is shown to be done or signed off." in out
    assert "well after" in err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--wait", "5m"], "--wait waits for a deployment"),
        (["--wait", "5"], "write 90s, 5m, up to 1h"),
        (["--wait", "2h", "--deployment", "http://127.0.0.1:1"], "write 90s, 5m, up to 1h"),
        (["--wait", "5m", "--deployment", "http://127.0.0.1:1", "--phase", "deploy"], "has a health check"),
        (["--wait", "5m", "--facts", "facts.json"], "--facts asks none"),
        (["--phase", "pre-deploy"], "there are: deployment, post-deployment"),
        (["--notify", "hooks.slack.example/x"], "no http or https URL"),
    ],
)
def test_what_makes_no_sense_is_refused(
    shop: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert run(["audit", str(shop), *options]) == 2
    assert said in capsys.readouterr().err


def test_waits_are_read() -> None:
    assert [seconds(text) for text in ("90s", "5m", "1h")] == [90, 300, 3600]
    for text in ("", "0s", "-1s", "5", "1d", "5 m", "61m"):
        with pytest.raises(UsageError):
            seconds(text)


def test_a_webhook_is_told_the_verdict_in_words_that_it_shows_as_they_are(shop: Path) -> None:
    seen: list[tuple[str, dict[str, str]]] = []
    with hook(http(b"ok"), seen) as url:
        assert run(["audit", str(shop), "--phase", "post-deploy", "--notify", url]) == 3
    ((kind, told),) = seen
    assert kind == "application/json"
    assert list(told) == ["text"]
    lines = told["text"].splitlines()
    assert lines[0].startswith(":grey_question: *INCONCLUSIVE*: shop &lt;!channel&gt; ")
    assert "*bold*" not in told["text"]
    assert "(post-deployment)" in lines[0]
    assert "Verify health checks" in lines[1]


@pytest.mark.parametrize("answer", [http(status="403 Forbidden"), b"nonsense\r\n\r\n"])
def test_a_webhook_that_refuses_changes_no_verdict_and_its_url_is_not_shown(
    shop: Path, capsys: pytest.CaptureFixture[str], answer: bytes
) -> None:
    seen: list[tuple[str, dict[str, str]]] = []
    with hook(answer, seen) as url:
        assert run(["audit", str(shop), "--phase", "post-deploy", "--notify", url]) == 3
    assert len(seen) == 1
    out, err = capsys.readouterr()
    assert "warning: the webhook was not notified" in err
    assert "secretpart" not in out + err


def test_nobody_is_notified_unless_told_to(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, dict[str, str]]] = []
    with hook(http(), seen) as url:
        run(["audit", str(shop), "--phase", "post-deploy"])
        assert not seen
        monkeypatch.setenv("READYCHECK_NOTIFY", url)
        run(["audit", str(shop), "--phase", "post-deploy"])
    assert len(seen) == 1
