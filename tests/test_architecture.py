"""Imports run down the picture in docs/design.md, and nothing else does."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "readycheck"

#: Modules and folders from top to bottom; each may import what stands in lower rows, and its own row's other members
#: only where the row is one folder. Gatherers stand beside probes, and meet them only in facts.
LAYERS = (
    ("__main__",),
    ("cli",),
    ("drill",),
    ("report", "examples", "fitting", "fixing", "schema", "demo", "importing", "syncing", "ticking"),
    ("judge",),
    ("weighing", "statements", "phases", "register"),
    ("verdict", "gate", "history"),
    ("comparison",),
    ("scorecard", "evaluate", "mirroring"),
    ("changes",),
    ("checklist", "decisions", "mapping", "assertions"),
    ("catalogue",),
    ("remedy",),
    ("probes",),
    ("facts",),
    ("reading",),
    ("document", "writing"),
    ("model", "redact", "content"),
    ("errors",),
    ("__init__",),
)
RANK = {name: rank for rank, row in enumerate(LAYERS) for name in row}
#: What gatherers may know: facts and what lies below them.
GATHER = {"gather"} | {name for row in LAYERS[14:] for name in row}
MAY_GATHER = {"cli", "drill", "examples", "demo"}


def part(module: str) -> str:
    """The folder or module directly below the package."""
    return module.split(".")[1] if "." in module else "__init__"


def imports(path: Path) -> set[str]:
    """The modules of the package that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("readycheck"):
            names = (
                {f"{node.module}.{alias.name}" for alias in node.names}
                if node.module == "readycheck"
                else {node.module}
            )
            found |= {"readycheck" if name.endswith("__version__") else name for name in names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("readycheck")}
    return found


FILES = sorted(path for path in PACKAGE.rglob("*.py") if "service" not in path.parts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_down_the_picture(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for module in imports(path):
        other = part(module)
        if own == "gather":
            assert other in GATHER, f"{path.name} imports {module}"
        elif other == "gather":
            assert own in MAY_GATHER, f"{path.name} imports {module}"
        elif other != own:
            assert RANK[own] < RANK[other], f"{path.name} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_two_modules_of_a_folder_import_each_other(path: Path) -> None:
    module = "readycheck." + ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
    for other in imports(path):
        file = PACKAGE.parent.joinpath(*other.split(".")).with_suffix(".py")
        assert not file.is_file() or module not in imports(file), f"{module} and {other}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_says_what_it_is_and_holds_no_unfinished_work(path: Path) -> None:
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text)), "no docstring"
    assert not re.search(r"#.*\b(TODO|FIXME|XXX|HACK)\b", text)
    if path.relative_to(PACKAGE).parts[0] != "cli":
        assert not re.search(r"^\s*(print\(|sys\.exit)", text, re.MULTILINE) or path.name == "__main__.py"


def test_only_the_packages_that_are_declared_are_imported() -> None:
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {re.split(r"[<>=\[; ]", name)[0] for name in project["dependencies"]}
    extras = {re.split(r"[<>=\[; ]", name)[0] for names in project["optional-dependencies"].values() for name in names}
    names = {
        "ast_grep_py": "ast-grep-py",
        "git": "gitpython",
        "gitdb": "gitpython",
        "yaml": "pyyaml",
        "prometheus_client": "prometheus-client",
        "markdown_it": "markdown-it-py",
    }
    imported = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.split(".")[0])
    import sys

    outside = {names.get(name, name) for name in imported - set(sys.stdlib_module_names) - {"readycheck", "__future__"}}
    assert outside - declared - extras == set()
    # httpcore imports it, and we never do.
    assert declared - outside == {"PyStemmer", "sniffio"}
