"""The imports of a Go file: the package's path, and the name that it most likely has."""

from __future__ import annotations

import re

from ast_grep_py import SgNode

from readycheck.gather.code.links import EVERYTHING, WHOLE, Import, Links, text_of

_VERSION = re.compile(r"v\d+\Z")


def go_links(root: SgNode) -> Links:
    """The ties of the file: its imports, and its own package whose files share one scope."""
    links = Links(imports=[Import(".", EVERYTHING, "")])
    for spec in root.find_all(kind="import_spec"):
        path = text_of(spec.field("path"))
        name = spec.field("name")
        links.imports.append(Import(path, WHOLE, text_of(name) if name is not None else _usual_name(path)))
    return links


def _usual_name(path: str) -> str:
    """`redis` of `github.com/redis/go-redis/v9`: versions, and the affixes that the package clause leaves out."""
    parts = [part for part in path.split("/") if not _VERSION.match(part)] or [path]
    last = re.sub(r"\.v\d+\Z", "", parts[-1])
    return re.sub(r"^go-|-go\Z|\.go\Z", "", last).replace("-", "")
