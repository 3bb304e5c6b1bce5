"""The migrations of Alembic and Django, read as syntax trees."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator

from readycheck.facts.migrations import MigrationFile, MigrationSet
from readycheck.gather.sources import Sources


def alembic(sources: Sources) -> Iterator[MigrationSet]:
    """The folder that each alembic.ini names; revisions form a graph by `down_revision`."""
    for config in sources.match(["**/alembic.ini"]):
        found = re.search(r"^\s*script_location\s*=\s*(\S+)", sources.text(config) or "", re.MULTILINE)
        if not found and posixpath.dirname(config) and f"{posixpath.dirname(config)}/env.py" in sources.paths():
            # Flask-Migrate keeps its settings, without a location, in the folder of the migrations.
            yield _alembic(posixpath.join(posixpath.dirname(config), "versions"), sources, config)
            continue
        location = (found[1] if found else "alembic").replace("%(here)s/", "").removeprefix("./")
        folder = posixpath.normpath(posixpath.join(posixpath.dirname(config), location, "versions"))
        yield _alembic(folder, sources, config)
    if not sources.match(["**/alembic.ini"]):
        # Flask-Migrate keeps its settings in the folder itself.
        for env in sources.match(["**/migrations/env.py"]):
            yield _alembic(posixpath.join(posixpath.dirname(env), "versions"), sources, env)


def _alembic(folder: str, sources: Sources, config: str) -> MigrationSet:
    paths = [path for path in sources.paths() if posixpath.dirname(path) == folder and path.endswith(".py")]
    files = tuple(filter(None, (_revision(path, sources) for path in paths)))
    return MigrationSet("alembic", folder, files, "" if files else config)


def _revision(path: str, sources: Sources) -> MigrationFile | None:
    tree = _parsed(sources.text(path) or "")
    values = dict(_assigned(tree)) if tree else {}
    revision = values.get("revision")
    if tree is None or not isinstance(revision, str):
        return None
    down = values.get("down_revision")
    follows = (down,) if isinstance(down, str) else tuple(down) if isinstance(down, tuple | list) else ()
    body = next((node.body for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "downgrade"), [])
    back = any(not _idle(statement) for statement in body)
    return MigrationFile(revision, path, back, "" if back else "its `downgrade` does nothing", follows=follows)


def django(sources: Sources) -> Iterator[MigrationSet]:
    """Numbered files of each app; the table holds the app's label and the file's name."""
    found: dict[str, list[MigrationFile]] = {}
    for path in sources.match(["**/migrations/[0-9][0-9][0-9][0-9]_*.py"]):
        text = sources.text(path) or ""
        tree = _parsed(text) if "class Migration" in text else None
        if tree is not None:
            folder = posixpath.dirname(path)
            app = posixpath.basename(posixpath.dirname(folder))
            found.setdefault(folder, []).append(_django(path, app, tree))
    yield from (MigrationSet("django", folder, tuple(files)) for folder, files in sorted(found.items()))


def _django(path: str, app: str, tree: ast.Module) -> MigrationFile:
    name = f"{app}.{posixpath.basename(path).removesuffix('.py')}"
    one_way = next(filter(None, map(_one_way, ast.walk(tree))), "")
    replaced = next((value for key, value in _assigned_anywhere(tree) if key == "replaces"), ())
    follows = tuple(".".join(map(str, pair)) for pair in replaced if isinstance(pair, tuple | list))
    return MigrationFile(name, path, not one_way, one_way, follows=follows)


def _one_way(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    given = {keyword.arg for keyword in node.keywords}
    if name == "RunPython" and len(node.args) < 2 and "reverse_code" not in given:  # noqa: PLR2004 - forth and back
        return "RunPython has no reverse_code"
    if name == "RunSQL" and len(node.args) < 2 and "reverse_sql" not in given:  # noqa: PLR2004
        return "RunSQL has no reverse_sql"
    return ""


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _assigned(tree: ast.Module) -> Iterator[tuple[str, object]]:
    """The literals that names of the module are set to."""
    yield from _literals(tree.body)


def _assigned_anywhere(tree: ast.Module) -> Iterator[tuple[str, list[object]]]:
    for name, value in _literals([node for node in ast.walk(tree) if isinstance(node, ast.stmt)]):
        if isinstance(value, list | tuple):
            yield name, list(value)


def _literals(statements: list[ast.stmt]) -> Iterator[tuple[str, object]]:
    for statement in statements:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        value = getattr(statement, "value", None)
        if isinstance(value, ast.expr) and isinstance(targets[0], ast.Name):
            try:
                yield targets[0].id, ast.literal_eval(value)
            except (ValueError, TypeError, SyntaxError, RecursionError):
                continue


def _idle(statement: ast.stmt) -> bool:
    """Does it do nothing, or refuse? A docstring does nothing."""
    constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return constant or isinstance(statement, ast.Pass | ast.Raise)
