from __future__ import annotations

from typing import Any

import pytest

from readycheck.facts.question import Unavailable
from readycheck.facts.repository import CodeUse, Routes, RoutesFound, Signal, UsesFound
from readycheck.gather.project import tree_gatherers
from readycheck.gather.tree import MemoryTree
from readycheck.model import Strength

HELMET = CodeUse((Signal("javascript", packages=("helmet",), calls=("use",)),))
MANIFEST = '{"main": "app.js", "dependencies": {"helmet": "7"}}'


def ask(files: dict[str, str | bytes], question: Any) -> Any:
    for gatherer in tree_gatherers(MemoryTree(files)):
        if isinstance(question, gatherer.kinds):
            ((_, answer),) = gatherer.answers([question])
            return answer
    raise AssertionError("nobody takes the question")


def uses(**files: str) -> UsesFound:
    named = {name.replace("__", "/").replace("_js", ".js"): text for name, text in files.items()}
    found = ask({"package.json": MANIFEST, **named}, HELMET)
    assert isinstance(found, UsesFound)
    return found


@pytest.mark.parametrize(
    ("code", "strength"),
    [
        ("const helmet = require('helmet');\nrequire('express')().use(helmet());\n", Strength.WIRED),
        ("import helmet from 'helmet';\nconst h = helmet();\napp.use(h);\n", Strength.WIRED),
        ("const helmet = require('helmet');\nconst h = helmet();\n", Strength.CONSTRUCTED),
        ("const app = 1;\n", Strength.DECLARED),
        ("// const helmet = require('helmet'); app.use(helmet());\n", Strength.DECLARED),
        ("const text = \"app.use(require('helmet')())\";\n", Strength.DECLARED),
    ],
)
def test_how_strongly_a_package_is_used(code: str, strength: Strength) -> None:
    assert uses(app_js=code).uses[0].strength is strength


def test_a_value_is_followed_through_the_projects_own_modules() -> None:
    found = uses(
        app_js="const { guard } = require('./lib/guard');\nrequire('express')().use(guard);\n",
        lib__guard_js="const helmet = require('helmet');\nexports.guard = helmet();\n",
    )
    assert found.uses[0].strength is Strength.WIRED


def test_what_nothing_reaches_is_dead() -> None:
    found = uses(
        app_js="console.log(1);\n", dead_js="const helmet = require('helmet');\nrequire('express')().use(helmet());\n"
    )
    strongest = next(use for use in found.uses if use.path == "dead.js")
    assert not strongest.reached
    assert strongest.strength is Strength.CONSTRUCTED


def test_modules_that_import_each_other_come_to_an_end() -> None:
    found = uses(app_js="require('./b');\nrequire('helmet');\n", b_js="require('./app');\n")
    assert found.files == 2


@pytest.mark.parametrize(
    "code",
    [
        b"const helmet = require('helmet'; app.use((((",
        b"\xff\xfe\x00broken",
        b"x = " + b"[" * 100_000,
        b"const helmet = 1; " * 100_000,
        b"",
    ],
)
def test_hostile_source_gives_an_answer(code: bytes) -> None:
    answer = ask({"package.json": MANIFEST, "app.js": code}, HELMET)
    assert isinstance(answer, UsesFound | Unavailable)


def test_routes_have_the_prefixes_of_their_routers() -> None:
    found = ask(
        {
            "package.json": MANIFEST,
            "app.js": "const app = require('express')();\napp.use('/api/v1/loans', require('./routes/loans'));\n",
            "routes/loans.js": "const router = require('express').Router();\nrouter.get('/:id', show);\n"
            "module.exports = router;\n",
        },
        Routes(),
    )
    assert isinstance(found, RoutesFound)
    assert [(route.method, route.path, route.reached) for route in found.routes] == [("GET", "/api/v1/loans/:id", True)]
