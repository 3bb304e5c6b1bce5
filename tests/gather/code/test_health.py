"""What would end a program is found where an entry point reaches it, and nowhere else."""

from __future__ import annotations

from typing import cast

import pytest

from readycheck.facts.faults import CodeAspect, CodeFaults, FaultsFound, ProjectAspect, ProjectFaults
from readycheck.facts.question import Question
from readycheck.facts.repository import CodeUse, Signal
from readycheck.facts.store import Audited
from readycheck.facts.variables import EnvironmentVariables, VariablesFound
from readycheck.gather.gatherer import gather
from readycheck.gather.project import tree_gatherers
from readycheck.gather.running.locks import satisfies
from readycheck.gather.tree import MemoryTree
from readycheck.model import Target


def asked(
    question: CodeFaults | ProjectFaults | EnvironmentVariables, files: dict[str, str | bytes]
) -> FaultsFound | VariablesFound:
    facts = gather(tree_gatherers(MemoryTree(files)), [question], [Audited(Target.REPOSITORY, "x")], timeout=20)
    found = facts[cast("Question[FaultsFound | VariablesFound]", question)]
    assert isinstance(found, (FaultsFound, VariablesFound))
    return found


def faults(about: CodeAspect | ProjectAspect, files: dict[str, str | bytes]) -> list[str]:
    question = CodeFaults(about) if isinstance(about, CodeAspect) else ProjectFaults(about)
    found = asked(question, files)
    assert isinstance(found, FaultsFound)
    return [f"{fault.path}:{fault.line} {fault.message}" for fault in found.faults]


def test_a_broken_import_is_named_with_its_line() -> None:
    files: dict[str, str | bytes] = {"package.json": '{"main": "app.js"}', "app.js": "// start\nrequire('./gone');"}
    assert faults(CodeAspect.IMPORTS, files) == ["app.js:2 imports ./gone, and there is no such file"]


@pytest.mark.parametrize(
    "text",
    ["require('./data.json')", "import './style.css'", "require('./lib')", "require('..')", "import x from './x.js'"],
)
def test_an_import_of_any_file_that_is_there_is_whole(text: str) -> None:
    files: dict[str, str | bytes] = {
        "package.json": '{"main": "src/app.js"}',
        "src/app.js": text,
        "src/data.json": "{}",
        "src/style.css": "",
        "src/lib/index.js": "",
        "index.js": "",
        "src/x.ts": "",
    }
    assert faults(CodeAspect.IMPORTS, files) == []


def test_a_name_in_an_annotation_ends_no_program() -> None:
    files: dict[str, str | bytes] = {
        "main.py": "from __future__ import annotations\ndef f(a: 'Later') -> Other:\n    return missing(a)\n"
    }
    assert faults(CodeAspect.NAMES, files) == ["main.py:3 uses missing, which nothing defines or imports"]


@pytest.mark.parametrize(
    "broken",
    [
        b"\xff\xfe\x00",
        b"\x00\x01binary",
        b"const a = `${`;",
        b"(" * 5000,
        "é".encode("latin-1") + b"\nrequire('./x')",
        b"x=" + b"1;" * 30000,
    ],
)
def test_a_strange_file_hides_nothing_else(broken: bytes) -> None:
    files: dict[str, str | bytes] = {
        "package.json": '{"main": "app.js"}',
        "app.js": "require('./odd'); require('./gone');",
        "odd.js": broken,
        "lock/package-lock.json": broken,
        "Dockerfile": broken,
        "compose.yml": broken,
    }
    assert faults(CodeAspect.IMPORTS, files)[0].startswith("app.js:1 imports ./gone")
    for aspect in ProjectAspect:
        faults(aspect, files)


@pytest.mark.parametrize(
    ("installed", "wanted", "good"),
    [
        ("4.19.2", "^4.18.0", True),
        ("4.17.0", "^4.18.0", False),
        ("5.0.0", "^4.18.0", False),
        ("0.2.9", "^0.3.0", False),
        ("1.2.3", "1.2.3", True),
        ("1.2.4", "~1.2.3", True),
        ("1.3.0", "~1.2.3", False),
        ("1.0.0", "latest", True),
        ("", "^1.0.0", True),
    ],
)
def test_versions_are_compared_as_npm_does(installed: str, wanted: str, good: bool) -> None:
    assert satisfies(installed, wanted) is good


def test_variables_are_told_both_ways() -> None:
    question = EnvironmentVariables((".env.example",), ("README.md",))
    found = asked(
        question,
        {
            "app.js": "connect(process.env.DATABASE_URL, process.env['SMTP_KEY'], process.env.NODE_ENV);",
            ".env.example": "DATABASE_URL=\nOLD_KEY=\n",
            "README.md": "Set `SMTP_KEY`.",
        },
    )
    assert isinstance(found, VariablesFound)
    assert [one.name for one in found.read] == ["DATABASE_URL", "SMTP_KEY"]
    assert (found.described, found.spare) == (("SMTP_KEY",), ("OLD_KEY",))


def test_pages_prove_nothing_of_a_service() -> None:
    signal = Signal(ecosystem="javascript", packages=("bcryptjs",), methods=("hash",))
    files: dict[str, str | bytes] = {
        "package.json": '{"dependencies": {"react-dom": "1"}}',
        "src/a.js": "require('bcryptjs').hash(p, 1);",
    }
    for browser, expected in ((False, 0), (True, 1)):
        question = CodeUse((signal,), browser=browser)
        found = gather(tree_gatherers(MemoryTree(files)), [question], [Audited(Target.REPOSITORY, "x")], timeout=20)[
            question
        ]
        assert len([use for use in found.uses if use.path == "src/a.js"]) == expected
