"""The loan service on Express: clean it passes, and the mistakes that are made with Express are each found."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from support.live_estate import audited, failing, free_ports

from readycheck.catalogue import load_catalogue
from readycheck.evaluate import Observation
from readycheck.gather.deployment.site import Site
from readycheck.gather.planted import plant
from readycheck.model import Outcome

SERVICE = Path(__file__).parent / "service"

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed"),
    pytest.mark.skipif(
        not (SERVICE / "node_modules" / "express").is_dir(),
        reason="express is not installed: npm ci --ignore-scripts in tests/estate/service",
    ),
]

CATALOGUE = load_catalogue()

#: The mistakes, and the checks that must fail by each.
MISTAKES = {
    "express names itself": "version-headers-hidden",
    "no etags": "cache-validators",
    "one nonce for all": "content-security-policy",
    "nothing is compressed": "compression",
    "assets before helmet": "hsts nosniff cross-origin-resource",
    "no content policy": "content-security-policy",
    "hsts of a week": "hsts",
    "cors repeats the origin": "cors-foreign-origin",
    "cors takes look-alikes": "cors-foreign-origin",
    "trace is echoed": "trace-off",
    "health is kept": "health",
    "health says down": "health",
    "users are open": "protected-path",
    "any token will do": "protected-path",
    "unsigned tokens will do": "protected-path",
    "another commit": "deployed-commit",
    "no limiter": "rate-limit-met",
    "the session in the clear": "cookie-flags",
    "the session for scripts": "cookie-flags",
    "errors show their inside": "error-pages-plain",
    "every fifth fails": "error-rate",
}
#: Mistakes that only many requests show.
LOADED = {"no limiter", "every fifth fails"}

#: What this service does not have, or cannot show on loopback, and why.
ELSEWHERE = {
    "https-redirect": Outcome.PASS,  # plain HTTP at its port is refused
    "cdn": Outcome.UNKNOWN,  # no edge names itself
    "edge-network": Outcome.UNKNOWN,
    "metrics-exposed": Outcome.UNKNOWN,  # it has none for the public
    "permissions-policy": Outcome.FAIL,  # helmet sends none
    "cross-origin-embedder": Outcome.NOT_APPLICABLE,  # helmet sends none, and nobody must
    "script-integrity": Outcome.NOT_APPLICABLE,
    "error-rate": Outcome.UNKNOWN,  # 59 answers cannot show one in a thousand
    "ports-closed": Outcome.NOT_CHECKED,
    "load-balancer-observed": Outcome.NOT_APPLICABLE,
    "feature-answers": Outcome.UNKNOWN,  # nobody named one
}


class Running:
    """The service in all its variants."""

    def __init__(self, ports: dict[str, int], ca: trustme.CA, repository: Path) -> None:
        self.ports = ports
        self.ca = ca
        self.repository = repository

    def audit(self, name: str, *, loaded: bool) -> dict[str, Observation]:
        return audited(
            CATALOGUE,
            f"https://127.0.0.1:{self.ports[name]}",
            authorities=self.ca.cert_pem.bytes().decode(),
            repository=self.repository,
            loaded=loaded,
            site=Site(api="/api/v1/ping", burst=loaded, most_requests=400),
        )


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    root = tmp_path_factory.mktemp("express")
    ca = trustme.CA()
    issued = ca.issue_cert("127.0.0.1")
    (root / "chain.pem").write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    (root / "key.pem").write_bytes(issued.private_key_pem.bytes())
    (root / "repository").mkdir()
    plant(root / "repository", [{"app.js": "1"}])
    named = ["git", "-C", str(root / "repository"), "rev-parse", "main"]
    commit = subprocess.run(named, check=True, capture_output=True, text=True).stdout.strip()
    names = ["clean", *MISTAKES]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    given = {
        "certificate": str(root / "chain.pem"),
        "key": str(root / "key.pem"),
        "commit": commit,
        "variants": [{"port": port, "defects": [name]} for name, port in ports.items()],
    }
    with subprocess.Popen(
        ["node", "app.js"], cwd=SERVICE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(given))
        process.stdin.close()
        assert process.stdout.readline() == "ready\n"
        try:
            yield Running(ports, ca, root / "repository")
        finally:
            process.terminate()


def test_the_clean_service_passes(service: Running) -> None:
    seen = audited_clean(service)
    # How long an answer takes on a busy machine is not this test's business, only that enough were timed to tell.
    assert seen.pop("latency") in (Outcome.PASS, Outcome.FAIL)
    assert seen == {name: ELSEWHERE.get(name, Outcome.PASS) for name in seen}


def audited_clean(service: Running) -> dict[str, Outcome]:
    found = service.audit("clean", loaded=True)
    return {name: one.outcome for name, one in found.items()}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found_by_the_checks_that_should_and_by_no_other(service: Running, mistake: str) -> None:
    seen = failing(service.audit(mistake, loaded=mistake in LOADED))
    assert set(seen) - {"permissions-policy", "latency"} == set(MISTAKES[mistake].split()), seen
