"""The service is believable: what it names exists, what it writes parses, and no credential lies in our repository."""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ast_grep_py import SgNode, SgRoot

ROOT = Path(__file__).resolve().parents[2]
BUILT_IN = re.compile(r"node:\w+")


def scripts(service: dict[str, str]) -> dict[str, str]:
    return {path: text for path, text in service.items() if path.endswith(".js") or path == ".sequelizerc"}


def tree(text: str) -> SgNode:
    return SgRoot(text, "javascript").root()


def required(text: str) -> Iterator[str]:
    for call in tree(text).find_all(pattern="require($NAME)"):
        name = call.get_match("NAME")
        assert name is not None
        yield name.text().strip("'")


def package(name: str) -> str:
    return "/".join(name.split("/")[: 2 if name.startswith("@") else 1])


def load(text: str) -> dict[str, Any]:
    value: dict[str, Any] = yaml.safe_load(text)
    return value


def exists(service: dict[str, str], path: str) -> bool:
    name = posixpath.normpath(path)
    return name in service or any(other.startswith(f"{name}/") for other in service)


def test_the_document_has_nine_sections_of_boxes_and_five_actions(service: dict[str, str]) -> None:
    lines = service["PRODUCTION_READINESS.md"].splitlines()
    sections = [line for line in lines if line.startswith("## ✅ ")]
    assert [title.removeprefix("## ✅ ") for title in sections] == [
        "Security",
        "Performance",
        "Monitoring & Logging",
        "Testing",
        "Documentation",
        "Compliance",
        "DevOps",
        "Database",
        "Business Features",
    ]
    assert sum(line.startswith("- [x] ") for line in lines) == 54
    assert sum(line.startswith("- [ ] ") for line in lines) == 24
    assert sum(line.startswith("### ") for line in lines) == 5
    assert sum(line.startswith("|") for line in lines) == 8


def test_the_document_is_no_mojibake(service: dict[str, str]) -> None:
    strange = set(re.findall(r"[^\x00-\x7f]", service["PRODUCTION_READINESS.md"]))
    assert strange == set("✅⚠\N{VARIATION SELECTOR-16}📊🚀📞🔄")


def test_every_script_parses(service: dict[str, str]) -> None:
    broken = [path for path, text in scripts(service).items() if tree(text).find(kind="ERROR")]
    assert len(scripts(service)) > 50
    assert broken == []


def test_every_data_file_parses(service: dict[str, str]) -> None:
    for path, text in service.items():
        if path.endswith(".json"):
            assert json.loads(text), path
        elif path.endswith((".yml", ".yaml")):
            assert isinstance(load(text), dict), path


def test_what_is_required_is_there(service: dict[str, str]) -> None:
    manifest = json.loads(service["package.json"])
    for path, text in scripts(service).items():
        known = {**manifest["dependencies"], **({} if path.startswith("src/") else manifest["devDependencies"])}
        for name in required(text):
            if name.startswith("."):
                file = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
                assert {f"{file}.js", f"{file}/index.js"} & set(service), f"{path} requires {name}"
            else:
                assert BUILT_IN.fullmatch(name) or package(name) in known, f"{path} requires {name}"


def test_only_the_planted_packages_are_never_required(service: dict[str, str]) -> None:
    manifest = json.loads(service["package.json"])
    used = {package(name) for text in scripts(service).values() for name in required(text)}
    loaded_by_name = {"sequelize-cli", "tedious", "sqlite3", "jest"}
    assert set(manifest["dependencies"]) - used - loaded_by_name == {"compression", "winston-daily-rotate-file"}


def test_only_the_planted_modules_are_dead(service: dict[str, str]) -> None:
    reached, waiting = set[str](), ["src/server.js"]
    while waiting:
        path = waiting.pop()
        reached.add(path)
        for name in required(service[path]):
            file = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
            waiting += [one for one in (f"{file}.js", f"{file}/index.js") if one in service and one not in reached]
    dead = {path for path in service if path.startswith("src/") and "/database/" not in path} - reached
    assert dead == {"src/services/alerts.js", "src/routes/analytics.js"}


def test_the_lock_file_agrees_with_the_manifest(service: dict[str, str]) -> None:
    manifest, lock = json.loads(service["package.json"]), json.loads(service["package-lock.json"])
    root = lock["packages"].pop("")
    for key in ("name", "version", "dependencies", "devDependencies"):
        assert root[key] == manifest[key]
    wanted = {**manifest["dependencies"], **manifest["devDependencies"]}
    assert set(lock["packages"]) == {f"node_modules/{name}" for name in wanted}
    for name, asked in wanted.items():
        found = [int(part) for part in lock["packages"][f"node_modules/{name}"]["version"].split(".")]
        least = [int(part) for part in asked.removeprefix("^").split(".")]
        assert found >= least, name
        assert found[0] == least[0], name


def test_what_scripts_name_exists(service: dict[str, str]) -> None:
    manifest = json.loads(service["package.json"])
    assert manifest["main"] in service
    tools = {"jest", "sequelize-cli", "node"}
    for command in manifest["scripts"].values():
        words = [word for word in shlex.split(command) if "=" not in word and not word.startswith("--")]
        assert words[0] in tools
        assert all(exists(service, word) for word in words[1:] if "/" in word), command
    for folder in re.findall(r"path\.resolve\((.+)\)", service[".sequelizerc"]):
        assert exists(service, "/".join(part.strip(" '") for part in folder.split(","))), folder


def test_what_the_image_copies_exists_and_is_not_ignored(service: dict[str, str]) -> None:
    ignored = service[".dockerignore"].split()
    copied = re.findall(r"^COPY (.+) \S+$", service["Dockerfile"], re.MULTILINE)
    assert len(copied) == 4
    for path in " ".join(copied).split():
        assert exists(service, path), path
        assert path.removeprefix("./") not in ignored
    command = re.search(r"^CMD (\[.+\])$", service["Dockerfile"], re.MULTILINE)
    assert command is not None
    assert json.loads(command[1])[-1] in service


def test_what_compose_names_exists(service: dict[str, str]) -> None:
    compose = load(service["docker-compose.yml"])
    assert exists(service, f"{compose['services']['api']['build']}/Dockerfile")
    for one in compose["services"].values():
        assert all(other in compose["services"] for other in one.get("depends_on", []))
        for volume in one.get("volumes", []):
            source = volume.partition(":")[0]
            assert exists(service, source) if source.startswith(".") else source in compose["volumes"], volume


def test_what_workflows_run_exists(service: dict[str, str]) -> None:
    steps = [step for job in load(service[".github/workflows/ci.yml"])["jobs"].values() for step in job["steps"]]
    ran = [step["run"] for step in steps if "run" in step]
    known = json.loads(service["package.json"])["scripts"]
    for command in ran:
        words = shlex.split(command)
        assert words[0] != "npm" or words[1] in {"ci", "audit", *known}
        assert words[0] != "sh" or words[1] in service
    assert all(re.search(r"@[0-9a-f]{40}$", step["uses"]) for step in steps if "uses" in step)


def test_prometheus_scrapes_a_route_and_loads_a_file_that_exist(service: dict[str, str]) -> None:
    settings = load(service["monitoring/prometheus.yml"])
    assert all(exists(service, f"monitoring/{name}") for name in settings["rule_files"])
    (job,) = settings["scrape_configs"]
    assert f"app.use('{job['metrics_path']}', metrics)" in service["src/app.js"]
    host, _, port = job["static_configs"][0]["targets"][0].partition(":")
    assert f"{port}:{port}" in load(service["docker-compose.yml"])["services"][host]["ports"]


def test_links_between_documents_lead_somewhere(service: dict[str, str]) -> None:
    for path, text in service.items():
        if path.endswith(".md"):
            for link in re.findall(r"\]\((?!https?:|mailto:)([^)#]+)\)", text):
                assert exists(service, posixpath.join(posixpath.dirname(path), link)), f"{path}: {link}"


def test_only_the_planted_variables_are_undocumented(service: dict[str, str]) -> None:
    read = {name for text in scripts(service).values() for name in re.findall(r"process\.env\.([A-Z_]+)", text)}
    documented = set(re.findall(r"^([A-Z_]+)=", service[".env.example"], re.MULTILINE))
    assert read - documented == {"SENTRY_DSN", "LOG_LEVEL", "LOAD_URL"}
    assert documented - read == {"REDIS_URL"}


def test_every_route_of_the_api_is_called_by_a_test(service: dict[str, str]) -> None:
    tests = "\n".join(text for path, text in service.items() if path.startswith("tests/"))
    called = {
        re.sub(r"\$\{\w+\}|/\d+(?=/)", "/:id", path).replace("//", "/")
        for path in re.findall(r"/api/v1(/[\w/${}]+)", tests)
    }
    called = {re.sub(r"/loan/:\w+", "/loan/:loanId", path) for path in called}
    for name in ("auth", "health", "loans", "notifications", "payments", "reports", "users"):
        for route in re.findall(r"router\.\w+\(\s*'(/[^']*)'", service[f"src/routes/{name}.js"]):
            assert f"/{name}{route}".rstrip("/") in called, route


def test_coverage_adds_up_to_what_is_planted(service: dict[str, str]) -> None:
    report = json.loads(service["coverage/coverage-summary.json"])
    total = report.pop("total")["lines"]
    assert total["pct"] == 48.2
    for key in ("total", "covered"):
        assert sum(file["lines"][key] for file in report.values()) == total[key]


CREDENTIALS = {
    "armour": re.compile(r"-----BEGIN [A-Z ]*(?:PRIVATE KEY|CERTIFICATE)-----"),
    "access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "token": re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[abp]-|npm_|sk_live_|SG\.)[A-Za-z0-9_-]{20,}"),
    "web token": re.compile(r"\beyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}"),
    "random hexadecimal": re.compile(r"\b(?!(?:0123456789abcdef)+\b)[0-9a-f]{64}\b"),
    "password in a URL": re.compile(r"://[^\s/:@]+:[^\s/@${<]{6,}@"),
}


@pytest.mark.parametrize("kind", CREDENTIALS)
def test_no_credential_lies_in_our_repository(kind: str) -> None:
    files = [
        path for path in ROOT.joinpath("readycheck", "demo").rglob("*") if path.is_file() and path.suffix != ".pyc"
    ]
    found = [path for path in files if CREDENTIALS[kind].search(path.read_text(encoding="utf-8"))]
    assert len(files) > 80
    assert found == []
