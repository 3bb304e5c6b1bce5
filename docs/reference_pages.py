"""The reference of commands and of files, from the command line's own declarations and the schemas."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

import typer.main
from typer.core import TyperArgument, TyperGroup, TyperOption

from readycheck.cli.app import app
from readycheck.schema import KINDS, schema

#: What each file is called, who writes it and what it is.
FILES = {
    "checklist": ("readiness.yaml", "The checklist: your document, mirrored, with the checks that prove each line."),
    "check": ("checks/**/*.yaml", "A check: a probe with its parameters, its reason, its fix and its examples."),
    "decisions": ("decisions.yaml", "What people decided: attestations and waivers."),
    "facts": ("facts.json", "What was gathered, redacted and dated: an audit can be judged again from it."),
    "scorecard": ("scorecard.json", "The result, from which every report is made."),
    "comparison": ("diff.json", "What changed between two scorecards."),
}


def commands() -> Iterator[str]:
    """The page about commands."""
    yield "# Commands"
    yield ""
    yield "Each of them explains itself with `--help`. Exit codes are [one table](exit-codes.md)."
    root = typer.main.get_command(app)
    yield from _group(root, "readycheck")


def _group(group: Any, name: str) -> Iterator[str]:
    for command in group.commands.values():
        if command.hidden:
            continue
        if isinstance(command, TyperGroup):
            yield from _group(command, f"{name} {command.name}")
        else:
            yield from _command(command, f"{name} {command.name}")


def _command(command: Any, name: str) -> Iterator[str]:
    yield f"\n## `{name}`\n"
    yield " ".join((command.help or "").split())
    arguments = [one for one in command.params if isinstance(one, TyperArgument)]
    options = [one for one in command.params if isinstance(one, TyperOption) and not one.hidden and one.name != "help"]
    if arguments:
        yield "\n| argument | meaning |\n|---|---|"
        for one in arguments:
            yield f"| `{one.name}`{'' if one.required else ' (optional)'} | {_said(one)} |"
    panels: dict[str, list[TyperOption]] = {}
    for option in options:
        panels.setdefault(getattr(option, "rich_help_panel", None) or "", []).append(option)
    for panel, members in panels.items():
        yield f"\n| {panel.lower() or 'option'} | meaning |\n|---|---|"
        for option in members:
            names = ", ".join(f"`{word}`" for word in [*option.opts, *option.secondary_opts])
            yield f"| {names} | {_said(option)} |"


def _said(one: Any) -> str:
    said = " ".join((getattr(one, "help", "") or "").split())
    choices = _choices(one)
    if choices:
        said += " One of " + ", ".join(f"`{choice}`" for choice in choices) + "."
    if getattr(one, "show_default", False) and one.default not in (None, "", False, ()) and not callable(one.default):
        said += f" Default: `{one.default}`."
    if one.envvar:
        said += f" Environment: `{one.envvar}`."
    return said.replace("|", "\\|").strip()


def _choices(one: Any) -> list[str]:
    # Typer keeps the annotation since it carries its own command line; before that, Click's choices.
    kind = getattr(getattr(one, "type_descriptor", None), "annotation", None)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(member.value) for member in kind]
    return [str(getattr(choice, "value", choice)) for choice in getattr(getattr(one, "type", None), "choices", ())]


def files() -> Iterator[str]:
    """The page about files."""
    yield "# Files and schemas"
    yield ""
    yield "Every file that readycheck reads or writes has a JSON Schema, made from the types that read it;"
    yield "`readycheck schema NAME` prints one. Editors complete and check YAML by it:"
    yield ""
    yield "```yaml"
    yield "# yaml-language-server: $schema=checklist.schema.json"
    yield "```"
    yield ""
    yield "Unknown keys are mistakes, told with the line and the nearest valid word. Versions are checked: a file of"
    yield "another version is refused, never half read."
    for name in KINDS:
        file, said = FILES.get(name, (f"{name}.json", ""))
        yield f"\n## `{file}`\n"
        yield f"{said} Schema: [{name}.schema.json](../schema/{name}.schema.json)."
        whole = schema(name)
        top = whole["$defs"][whole["$ref"].rsplit("/", 1)[1]] if "$ref" in whole else whole
        yield "\n| key | is | default |\n|---|---|---|"
        for key, spec in top["properties"].items():
            default = "required" if key in top.get("required", ()) else _code(_shown(spec.get("default", "")))
            yield f"| `{key}` | {_kind(spec)} | {default} |"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _kind(spec: dict[str, Any]) -> str:
    if "$ref" in spec:
        return f"{spec['$ref'].rsplit('/', 1)[1].removesuffix('Entry').removesuffix('Row')}"
    if "anyOf" in spec:
        return " or ".join(_kind(one) for one in spec["anyOf"])
    if spec.get("type") == "array":
        return f"list of {_kind(spec.get('items') or {'type': 'anything'})}"
    if "enum" in spec:
        return " or ".join(f"`{value}`" for value in spec["enum"])
    return str(spec.get("type", "anything"))


def _shown(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "[]"
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
