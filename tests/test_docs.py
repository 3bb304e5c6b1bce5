from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
import yaml

from readycheck.content import content
from readycheck.schema import KINDS, schema

ROOT = Path(__file__).resolve().parent.parent


def _module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATED: dict[str, str] = _module().generated()


@pytest.mark.parametrize("path", sorted(GENERATED))
def test_what_is_generated_is_up_to_date(path: str) -> None:
    assert (ROOT / "docs" / path).read_text("utf-8") == GENERATED[path], "run `make docs`"


def plain(text: str) -> Any:
    return yaml.load(text, Loader=yaml.BaseLoader)


def valid(name: str, value: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(schema(name)).is_valid(value))


@pytest.mark.parametrize("name", KINDS)
def test_a_schema_is_a_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))


def test_the_shipped_checklist_fits_its_schema() -> None:
    whole = yaml.safe_load(content("readiness.yaml").read_text("utf-8"))
    jsonschema.validate(whole, schema("checklist"))
    assert not valid("checklist", {**whole, "sectoins": []})
    assert not valid("checklist", {**whole, "version": 2})


def test_every_shipped_check_fits_its_schema() -> None:
    credentials = ROOT / "checks" / "secrets" / "credentials"  # rules of their own kind
    for path in (path for path in (ROOT / "checks").rglob("*.yaml") if credentials not in path.parents):
        jsonschema.validate(yaml.safe_load(path.read_text("utf-8")), schema("check"))


def test_a_decision_fits_its_schema() -> None:
    waiver = {"item": "a", "reason": "accepted for now", "owner": "us", "expires": "2026-04-01"}
    assert valid("decisions", {"version": 1, "waivers": [waiver]})
    assert not valid("decisions", {"version": 1, "waivers": [{**waiver, "forever": True}]})


@pytest.mark.parametrize(
    "path",
    [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "CONTRIBUTING.md"],
    ids=lambda path: path.name,
)
def test_links_within_the_project_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target


def test_the_readme_opens_with_its_two_commands() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert 0 < text.index("make demo") < text.index("make test") < 1600
    words = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert {"demo", "test", "fmt", "lint", "types", "wheel", "all"} <= words


def test_the_workflow_pins_its_actions_and_holds_no_rights() -> None:
    text = (ROOT / ".github/workflows/ci.yml").read_text("utf-8")
    used = re.findall(r"uses: (\S+)", text)
    assert used
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action) for action in used)
    assert "permissions: {}" in text
    assert json.dumps(plain(text))
