"""Writes docs/reference and docs/schema from the one place that knows; `make docs` runs it, a test compares it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from readycheck.catalogue import load_catalogue
from readycheck.gather.secrets.rules import INDEX, Rule, RuleFiles
from readycheck.model import EXIT_MEANING, Outcome, Severity, Strength
from readycheck.probes.registry import PROBES
from readycheck.schema import KINDS, schema_text

DOCS = Path(__file__).resolve().parent


def generated() -> dict[str, str]:
    """Every generated file by its path below docs/."""
    files = {f"schema/{name}.schema.json": schema_text(name) for name in KINDS}
    files["reference/checks.md"] = "\n".join(_checks()) + "\n"
    files["reference/probes.md"] = "\n".join(_probes()) + "\n"
    files["reference/credentials.md"] = "\n".join(_credentials()) + "\n"
    files["reference/exit-codes.md"] = "\n".join(_words()) + "\n"
    files[f"../checks/secrets/{INDEX}"] = RuleFiles().index()
    return files


def _checks() -> Iterator[str]:
    catalogue = load_catalogue()
    yield "# Checks"
    yield ""
    yield f"{len(catalogue.checks)} checks, by family. `readycheck explain ID` says more of each."
    for family, checks in catalogue.families.items():
        yield f"\n## {family}\n"
        yield "| check | it holds when | severity | asks | probe |"
        yield "|---|---|---|---|---|"
        for check in checks:
            yield f"| `{check.id}` | {check.title} | {check.severity} | {check.target} | `{check.probe.name}` |"


def _credentials() -> Iterator[str]:
    rules = RuleFiles().rules.rules
    yield "# Credentials"
    yield ""
    yield f"The {len(rules)} kinds of credentials that `readycheck secrets` knows, by field, and where each is made void."
    families: dict[str, list[Rule]] = {}
    for rule in rules:
        families.setdefault(Path(rule.source).stem, []).append(rule)
    for family, members in sorted(families.items()):
        yield f"\n## {family}\n"
        yield "| kind | what it is | revoke |"
        yield "|---|---|---|"
        for rule in members:
            yield f"| `{rule.id}` | {rule.text.title} | {rule.text.revoke.replace('|', '/')} |"


def _probes() -> Iterator[str]:
    users = [check.probe.name for check in load_catalogue().checks.values()]
    yield "# Probes"
    yield ""
    yield "What a check can be built on, with the parameters that its `with:` takes."
    for probe in PROBES:
        count = users.count(probe.name)
        yield f"\n## `{probe.name}`\n"
        yield " ".join((probe.__doc__ or "").split())
        yield ""
        yield f"Asks the {probe.target}. Used by {count} check{'' if count == 1 else 's'}."
        yield ""
        for name, annotation in probe.__annotations__.items():
            if not str(annotation).startswith("ClassVar"):
                yield f"- `{name}`: `{annotation}`"


def _words() -> Iterator[str]:
    yield "# Exit codes, outcomes, severities, strengths"
    yield ""
    yield "| exit | meaning |"
    yield "|---|---|"
    for code, meaning in EXIT_MEANING.items():
        yield f"| {code.value} | {meaning} |"
    yield ""
    yield "Outcomes of a check: " + ", ".join(f"`{outcome}`" for outcome in Outcome) + "."
    yield ""
    yield (
        "Severities and their weights: " + ", ".join(f"`{severity}` {severity.weight:g}" for severity in Severity) + "."
    )
    yield ""
    yield "Strengths of evidence, weakest first: " + ", ".join(f"`{strength.value}`" for strength in Strength) + "."


if __name__ == "__main__":
    for path, text in generated().items():
        target = DOCS / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
        sys.stdout.write(f"docs/{path}\n")
