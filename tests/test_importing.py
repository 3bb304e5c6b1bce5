from __future__ import annotations

from pathlib import Path

import pytest

from readycheck.assertions import asserted
from readycheck.catalogue import load_catalogue
from readycheck.checklist import load_checklist
from readycheck.cli import run
from readycheck.content import content
from readycheck.document.parse import parse
from readycheck.importing import Imported, imported
from readycheck.mapping.mapper import Mapper
from readycheck.mirroring import mirrored
from readycheck.reading import compose, plain
from readycheck.syncing import synced
from readycheck.writing import to_yaml

CATALOGUE = load_catalogue()
MAPPER = Mapper(CATALOGUE)
OWN = (Path(__file__).parent / "data" / "PRODUCTION_READINESS.md").read_bytes()


def bring(text: str | bytes) -> Imported:
    data = text if isinstance(text, bytes) else text.encode()
    return imported(parse(data, "C.md"), CATALOGUE, service="shop", path="C.md")


def test_the_shipped_checklist_is_in_step_with_its_document_and_mapped_as_people_mapped_it() -> None:
    shipped = plain(compose(content("readiness.yaml").read_text("utf-8"), "x"))
    assert synced(shipped, bring(OWN).values).changes == ()
    chosen = {item["text"]: set(item.get("checks", ())) for part in shipped["sections"] for item in part["items"]}
    found = {item.text: {match.check for match in item.mapped.checks} for item in bring(OWN).items}
    assert all(chosen[text] & checks for text, checks in found.items() if checks and chosen[text])
    assert sum(bool(checks) for checks in found.values()) >= 70


def test_an_import_is_deterministic_and_nothing_of_it_is_lost() -> None:
    found = bring(OWN)
    text = to_yaml(found.values)
    assert text == to_yaml(bring(OWN).values)
    again = mirrored(load_checklist(text, "x", CATALOGUE).file)
    assert bring(again).values == found.values
    counts = {
        part: len(found.values[part])
        for part in ("sections", "actions", "metrics", "deployment_steps", "contacts", "rollback")
    }
    assert counts == {"sections": 19, "actions": 5, "metrics": 6, "deployment_steps": 3, "contacts": 3, "rollback": 5}
    assert found.values["document"]["last_updated"] == "2025-01-15"


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("Rate limiting enabled", "rate-limiting"),
        ("Throttling of the public API", "rate-limiting"),
        ("Rate limitting", "rate-limiting"),
        ("Headers de sécurité présents", "security-headers-mounted"),
        ("健康检查端点", "health-endpoint"),
        ("Set up Sentry", "error-tracking"),
        ("Automated database backups", "backup-job"),
        ("`DATABASE_URL` - connection string", "environment-complete"),
        ("Generate a strong `SESSION_KEY_SECRET`", "environment-secrets"),
        ("Backup restoration tested", ""),
        ("Penetration testing done", ""),
        ("Login page works", ""),
        ("Wishlist of the customer", ""),
        ("Documentation", ""),
        ("", ""),
    ],
)
def test_a_line_gets_the_check_that_can_prove_it_or_none(text: str, check: str) -> None:
    found = [match.check for match in MAPPER.map(text).checks]
    assert check in found if check else found == []


@pytest.mark.parametrize(
    ("text", "checks"),
    [
        ("Database backups automated", {"backup-job"}),
        ("Backups verified", {"backup-job"}),
        ("Rate limiting prevents abuse of the login", {"rate-limiting", "rate-limit-observed"}),
        ("CORS restricted to the domain of production", {"cors-restricted", "cors-foreign-origin"}),
        (
            "Database indexes improve queries by half",
            {"declared-indexes", "foreign-keys-indexed", "no-invalid-indexes"},
        ),
        ("Helmet.js is enabled", {"hsts", "security-headers-mounted"}),
        ("Sentry error tracking captures issues", {"error-tracking"}),
        ("P1 - Add response compression", {"compression", "compression-mounted"}),
        ("Scaling: auto-scaling groups configured", {"autoscaling"}),
        ("FRONTEND_URL points to the site", {"environment-complete"}),
        ("Staging environments", {"environments-separated"}),
        ("レートリミットを設定", {"rate-limiting", "rate-limit-observed"}),
        ("Резервные копии базы данных настроены", {"backup-job"}),
        ("Yedekleme yapılandırıldı", {"backup-job"}),
        ("Monitor error logs", set()),
        ("Check logs every hour", set()),
        ("QA lead: all tests pass", set()),
        ("Docker installed", set()),
        ("Indexer running and syncing", set()),
        ("Logs into the registry", set()),
        ("Health check < 100ms", set()),
        ("Value set to https://example.org", set()),
        ("/api/auth/session", set()),
        ("Zero-downtime deployment", set()),
        ("Row level security policies", set()),
    ],
)
def test_a_line_gets_these_checks_and_no_others(text: str, checks: set[str]) -> None:
    assert {match.check for match in MAPPER.map(text).checks} == checks


def test_a_mapping_says_how_sure_it_is_why_and_what_came_next() -> None:
    mapped = MAPPER.map("SQL injection prevention (Sequelize ORM)")
    assert mapped.checks[0].check == "sql-injection"
    assert mapped.confidence > 0.9
    assert mapped.checks[0].phrase
    assert mapped.runner_up is not None
    assert MAPPER.map("Backup restoration tested").reason.endswith("for people to say")


def test_code_blocks_become_checks_with_parameters() -> None:
    derived = asserted(
        [
            ("bash", "git rm --cached certs/* .env\nnpm run test:load\nmake deploy\npython manage.py migrate"),
            ("bash", "curl https://api.example.org/api/v1/health"),
            ("bash", "curl -X POST https://api.example.org/orders -d @order.json\ncurl https://x.example/orders"),
            ("env", "NODE_ENV=production\nJWT_SECRET=<new>\nPORT=3000"),
            ("sql", "-- c\nCREATE UNIQUE INDEX i ON public.user(mobile, kind);\nCREATE INDEX broken ON;"),
            ("sql", "BACKUP DATABASE x TO DISK = 'b.bak';"),
        ],
        CATALOGUE,
    )  # fmt: skip
    parameters = derived.parameters
    assert parameters["sensitive-files-never-tracked"] == {"patterns": ["certs/", ".env"]}
    assert parameters["documented-commands-exist"] == {
        "commands": ["npm test:load", "make deploy", "manage.py migrate"]
    }
    assert parameters["health"] == {"paths": ["/api/v1/health"]}
    assert parameters["documented-page-answers"] == {"path": "/orders"}
    assert parameters["environment-complete"] == {"names": ["JWT_SECRET", "PORT"], "equals": ["NODE_ENV=production"]}
    assert parameters["environment-secrets"] == {"names": ["JWT_SECRET"]}
    assert parameters["declared-indexes"] == {
        "indexes": [{"name": "i", "table": "user", "columns": ["mobile", "kind"]}]
    }
    assert parameters["backup-command"]["commands"] == ["BACKUP DATABASE x TO DISK = 'b.bak';"]


def test_parents_weigh_nothing_and_children_say_what_they_are_part_of() -> None:
    (section,) = bring("# C\n\n- [ ] Backups\n  - [x] Daily copies\n  - [ ] Off site copies\n").values["sections"]
    parent, child, _ = section["items"]
    assert (parent["severity"], child["under"]) == ("info", parent["id"])


CHECKLIST = (
    "# C\n\n## Security\n\n- [x] Rate limiting enabled\n- [ ] Firewall rules configured\n\n"
    "## Data\n\n- [x] Database backups automated\n"
)


def test_sync_keeps_ids_choices_and_parameters_and_tells_each_change() -> None:
    old = bring(CHECKLIST).values | {"gate": {"fail_on": "critical"}}
    item = old["sections"][0]["items"][1]
    item.pop("mapping")
    item |= {"id": "fw", "checks": ["edge-network"], "owner": "Ada", "attest": "Who?"}
    edited = (
        "# C\n\n## Data\n\n- [x] Database backups automated\n\n## Security\n\n- [x] Firewall rules configured in the cloud\n"
        "- [ ] Rate limiting enabled\n- [ ] Content Security Policy\n"
    )
    found = synced(old, bring(edited).values)
    told = {(change.kind, change.what) for change in found.changes}
    assert told == {
        ("changed", "rate-limiting-enabled"),
        ("changed", "fw"),
        ("added", "content-security-policy"),
        ("moved", "items"),
    }
    kept = found.values["sections"][1]["items"][0]
    assert (kept["id"], kept["checks"], kept["owner"], kept["claim"]) == ("fw", ["edge-network"], "Ada", "done")
    assert found.values["gate"] == {"fail_on": "critical"}
    load_checklist(to_yaml(found.values), "x", CATALOGUE)
    assert synced(found.values, bring(edited).values).changes == ()


def test_a_new_item_never_takes_the_id_of_one_that_went() -> None:
    old = bring("# C\n\n## A\n\n- [x] Rate limiting\n").values
    old["sections"][0]["items"][0]["id"] = "entirely-new-words-here"
    found = synced(old, bring("# C\n\n## A\n\n- [x] Entirely new words here\n").values)
    assert found.gone == ("entirely-new-words-here",)
    assert found.values["sections"][0]["items"][0]["id"] == "entirely-new-words-here-2"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "C.md").write_text(CHECKLIST)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_commands_go_round(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "C.md", "--service", "shop", "--explain"]) == 0
    out = capsys.readouterr().out
    assert "3 items" in out
    assert "% sure" in out
    assert run(["import", "C.md"]) == 2
    assert "--force" in capsys.readouterr().err
    assert run(["sync", "--check"]) == 0
    assert run(["export"]) == 0
    assert "- [x] Rate limiting enabled" in capsys.readouterr().out
    (shop / "C.md").write_text(CHECKLIST.replace("- [x] Rate", "- [ ] Rate"))
    assert run(["sync", "--check"]) == 1
    assert "done → todo" in capsys.readouterr().out
    assert run(["sync"]) == 0
    assert run(["sync", "--check"]) == 0


@pytest.mark.usefixtures("shop")
def test_an_item_s_checks_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "C.md", "-o", "-", "--map", "rate-limiting-enabled=edge-network"]) == 0
    assert "checks: [edge-network]" in capsys.readouterr().out
    assert run(["import", "C.md", "-o", "-", "--map", "rate-limitng-enabled=edge-network"]) == 2
    assert "rate-limiting-enabled" in capsys.readouterr().err
    assert run(["import", "C.md", "--json"]) == 0
    assert '"runner_up"' in capsys.readouterr().out


def test_ticks_are_offered_as_a_patch_and_the_document_stays(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "C.md").write_bytes(b"# C\r\n\r\n## Docs\r\n\r\n- [ ] README complete\r\n- [x] Changelog kept\r\n")
    (shop / "README.md").write_text(
        "# Shop\n\n## Install\n\n    npm ci\n\n## Run\n\n    npm start\n\n## Test\n\n    npm test\n"
    )
    before = (shop / "C.md").read_bytes()
    assert run(["import", "C.md", "--service", "shop"]) == 0
    assert run(["audit", ".", "-f", "json", "-o", "card.json", "--exit-zero"]) == 0
    capsys.readouterr()
    assert run(["ticks", "card.json", "--patch"]) == 0
    patch = capsys.readouterr().out
    assert "-- [ ] README complete" in patch
    assert "+- [x] README complete" in patch
    assert "+- [ ] Changelog kept" in patch
    assert (shop / "C.md").read_bytes() == before
