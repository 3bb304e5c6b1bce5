from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from readycheck.facts.question import Question, Unavailable
from readycheck.facts.repository import (
    ConfigFound,
    ConfigLookup,
    Digest,
    Document,
    DocumentText,
    FileDigest,
    Files,
    FilesFound,
    RepositoryFacts,
    RepositorySummary,
    TextFound,
    TextSearch,
)
from readycheck.gather.ecosystems import ecosystem, ecosystems
from readycheck.gather.repository import RepositoryGatherer
from readycheck.gather.sources import Sources
from readycheck.gather.tree import MemoryTree
from readycheck.model import Outcome


class CountingTree(MemoryTree):
    """Counts how often each file is read."""

    def __init__(self, files: dict[str, str | bytes]) -> None:
        super().__init__(files)
        self.reads: list[str] = []

    def read(self, path: str) -> bytes:
        self.reads.append(path)
        return super().read(path)


def ask(files: dict[str, str], question: Question[Any]) -> Any:
    ((_, answer),) = RepositoryGatherer(Sources(MemoryTree(files))).answers([question])
    return answer


def summary(files: dict[str, str]) -> RepositoryFacts:
    answer = ask(files, RepositorySummary())
    assert isinstance(answer, RepositoryFacts)
    return answer


def test_files_are_found_and_counted() -> None:
    files = {f"{number}.md": "" for number in range(60)} | {"a.py": ""}
    found = ask(files, Files(("*.md",)))
    assert isinstance(found, FilesFound)
    assert (len(found.paths), found.total, found.searched) == (50, 60, 61)


def test_text_is_searched_for_line_by_line_without_comments_and_redacted() -> None:
    files = {"a.yml": "run: npm test\n# run: npm test\npassword: hunter2hunter2\n", "b.bin": "\0run"}
    found = ask(files, TextSearch(("*.yml", "*.bin"), ("npm test", "password")))
    assert isinstance(found, TextFound)
    assert [(hit.line, hit.text) for hit in found.matches] == [
        (1, "run: npm test"),
        (3, "password: [redacted, 14 characters]"),
    ]
    assert found.files == ("a.yml",)
    with_comments = ask(files, TextSearch(("*.yml",), ("npm test",), comments=True))
    assert [hit.line for hit in with_comments.matches] == [1, 2]


def test_configuration_is_looked_up_and_what_does_not_parse_is_named() -> None:
    found = ask({"a.yml": "a: {b: 1}\n", "b.yml": "a: ["}, ConfigLookup(("*.yml",), "a.b"))
    assert isinstance(found, ConfigFound)
    assert [(value.path, value.line, value.key, value.value) for value in found.values] == [("a.yml", 1, "a.b", "1")]
    assert found.files == ("a.yml",)
    assert [path for path, _ in found.unreadable] == ["b.yml"]


def test_every_value_is_counted_beyond_what_an_answer_carries() -> None:
    found = ask({"a.json": json.dumps(list(range(1200)))}, ConfigLookup(("*.json",), "*"))
    assert (len(found.values), found.total) == (1000, 1200)


def test_each_file_is_read_once_for_all_questions() -> None:
    tree = CountingTree({"a.yml": "a: 1", "b.yml": "b: 1"})
    questions: list[Question[Any]] = [
        RepositorySummary(),
        TextSearch(("*.yml",), ("a",)),
        TextSearch(("*.yml",), ("b",), comments=True),
        ConfigLookup(("*.yml",), "a"),
        ConfigLookup(("*.yml",), "b"),
    ]
    assert len(list(RepositoryGatherer(Sources(tree)).answers(questions))) == 5
    assert sorted(path for path in tree.reads if path.endswith(".yml")) == ["a.yml", "b.yml"]


def test_a_question_with_a_malformed_pattern_is_an_error_and_the_others_are_answered() -> None:
    broken, fine = TextSearch(("*",), ("(",)), Files(("*",))
    answers = dict(RepositoryGatherer(Sources(MemoryTree({"a": ""}))).answers([broken, fine]))
    assert isinstance(answers[broken], Unavailable)
    assert answers[broken].outcome is Outcome.ERROR
    assert answers[fine].total == 1


def test_the_digest_is_of_the_bytes_and_empty_without_a_file() -> None:
    assert ask({"a.md": "x"}, Digest("a.md")) == FileDigest(hashlib.sha256(b"x").hexdigest())
    assert ask({"a.md": "x"}, Digest("b.md")) == FileDigest("")


def test_a_document_is_its_lines_that_are_not_blank() -> None:
    document = ask({"P.md": "# A\n\n- [x] token: abcdefghij\n"}, Document("P.md"))
    assert isinstance(document, DocumentText)
    assert [(line.line, line.text) for line in document.lines] == [
        (1, "# A"),
        (3, "- [x] token: [redacted, 10 characters]"),
    ]
    assert ask({}, Document("P.md")) == DocumentText(())
    assert isinstance(ask({"P.md": "\0"}, Document("P.md")), Unavailable)


@pytest.mark.parametrize(
    ("path", "text", "stack"),
    [
        ("package.json", '{"dependencies": {"express": "5", "sequelize": "6"}}', ("express", "sequelize")),
        ("apps/web/package.json", '{"dependencies": {"next": "15", "react": "19"}}', ("next", "react")),
        ("package.json", '{"devDependencies": {"@nestjs/core": "11"}}', ("nestjs",)),
        ("pyproject.toml", '[project]\ndependencies = ["FastAPI[standard]>=0.1"]\n', ("fastapi",)),
        ("pyproject.toml", '[tool.poetry.dependencies]\ndjango = "^5"\n', ("django",)),
        ("requirements/base.txt", "# flask\nFlask==3.0 # web\n-r x.txt\n", ("flask",)),
        ("Pipfile", '[packages]\nflask = "*"\n', ("flask",)),
        ("setup.cfg", "[options]\ninstall_requires =\n    django>=5\n", ("django",)),
        ("setup.py", "setup(install_requires=['flask>=3'])", ("flask",)),
        ("go.mod", "module a\nrequire (\n\tgithub.com/gofiber/fiber/v2 v2.5.0\n)\n", ("fiber",)),
        ("go.mod", "module a\nrequire github.com/gin-gonic/gin v1.10.0\n", ("gin",)),
        ("pom.xml", "<dependency><artifactId>spring-boot-starter-web</artifactId></dependency>", ("spring",)),
        ("pom.xml", "<!-- <artifactId>spring-boot</artifactId> -->", ()),
        ("build.gradle", "implementation 'org.springframework.boot:spring-boot-starter-web'", ("spring",)),
        ("build.gradle.kts", 'id("org.springframework.boot") version "3.4"', ("spring",)),
        ("gradle/libs.versions.toml", '[libraries]\na = "io.ktor:ktor-server-core:3"\n', ("ktor",)),
        ("Gemfile", "gem 'rails', '~> 8'\n# gem 'sinatra'\n", ("rails",)),
        ("composer.json", '{"require": {"laravel/framework": "^12"}}', ("laravel",)),
        ("Api/Api.csproj", '<Project Sdk="Microsoft.NET.Sdk.Web"></Project>', ("aspnet",)),
        ("package.json", '{"dependencies": ["express"', ()),
        ("package.json", "[]", ()),
        ("tests/fixtures/package.json", '{"dependencies": {"express": "5"}}', ()),
    ],
)
def test_stacks_are_those_that_manifests_name(path: str, text: str, stack: tuple[str, ...]) -> None:
    assert summary({path: text}).stacks == stack


@pytest.mark.parametrize(
    ("files", "entries"),
    [
        ({"package.json": '{"main": "lib/x.js"}', "lib/x.js": ""}, ("lib/x.js",)),
        ({"package.json": '{"main": "dist/x.js"}', "src/x.ts": ""}, ("src/x.ts",)),
        ({"package.json": '{"scripts": {"start": "node build/app"}}', "src/app.ts": "", "x.ts": ""}, ("src/app.ts",)),
        ({"api/package.json": '{"bin": {"a": "./cli.js"}}', "api/cli.js": ""}, ("api/cli.js",)),
        ({"Dockerfile": 'FROM a\nCMD ["node", "/app/start.js"]\n', "start.js": ""}, ("start.js",)),
        ({"Dockerfile": "FROM a\n# CMD node start.js\n", "start.js": ""}, ()),
        ({"Procfile": "web: gunicorn shop.web:app\n", "shop/web.py": ""}, ("shop/web.py",)),
        ({"compose.yml": "services: {a: {command: [uvicorn, 'api.core:app']}}", "api/core.py": ""}, ("api/core.py",)),
        ({"manage.py": "", "shop/wsgi.py": ""}, ("manage.py", "shop/wsgi.py")),
        ({"cmd/server/main.go": "", "cmd/server/main_test.go": ""}, ("cmd/server/main.go",)),
        ({"package.json": '{"main": "../../etc/passwd"}', "a.js": ""}, ()),
        ({"package.json": '{"main": "missing.js"}'}, ()),
        ({"package.json": '{"main": 7, "bin": [], "scripts": []}'}, ()),
    ],
)
def test_entry_points_are_files_that_something_starts(files: dict[str, str], entries: tuple[str, ...]) -> None:
    assert summary(files).entry_points == entries


def test_ecosystems_are_those_of_the_code_and_strays_are_left_out() -> None:
    paths = [f"{number}.ts" for number in range(100)] + ["tool.py", "a.go", "package-lock.json"]
    assert ecosystems(paths) == ("javascript",)
    assert ecosystems(["a.kt", "B.java", "c.JAVA"]) == ("java", "kotlin")
    assert ecosystem("Makefile") == ""
    assert ecosystem("yarn.lock") == ""


def test_a_tree_without_a_repository_has_no_commit() -> None:
    facts = summary({"a.py": ""})
    assert (facts.commit, facts.branch, facts.dirty, facts.files) == ("", "", False, 1)
