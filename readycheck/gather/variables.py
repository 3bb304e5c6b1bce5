"""Answers which environment variables the code reads and which are documented."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from readycheck.facts.question import Question
from readycheck.facts.variables import EnvironmentVariables, Named, VariablesFound
from readycheck.gather.code.selection import code_files, refusal
from readycheck.gather.sources import Sources
from readycheck.model import Target

_N = r"(?P<name>[A-Z][A-Z0-9_]{1,80})"
#: How each ecosystem reads a variable by its name. A settings class of pydantic reads one for each of its fields.
_READS = {
    "javascript": re.compile(
        rf"\b(?:process\.env|import\.meta\.env|Bun\.env)(?:\.|\[[\"'`]){_N}\b|\bDeno\.env\.get\([\"']{_N.replace('name', 'deno')}"
    ),
    "python": re.compile(
        rf"\b(?:os\.)?(?:environ(?:\.get\(|\.setdefault\(|\[)|getenv\()\s*[\"']{_N}[\"']"
        rf"|\b(?:env|config)(?:\.(?:str|bool|int|list|url|float|json|db\w*|cache))?\(\s*[\"']{_N.replace('name', 'call')}[\"']"
    ),
    "go": re.compile(
        rf"\b(?:os\.(?:Getenv|LookupEnv)|[gG]etEnv\w*|envOr\w*)\(\s*\"{_N}\"|`[^`]*\benv:\"{_N.replace('name', 'tag')}"
    ),
    "java": re.compile(rf"System\.getenv\(\s*\"{_N}\"|\$\{{{_N.replace('name', 'value')}[:}}]"),
    "kotlin": re.compile(rf"System\.getenv\(\s*\"{_N}\"|\$\{{{_N.replace('name', 'value')}[:}}]"),
    "ruby": re.compile(rf"\bENV(?:\.fetch\(\s*|\[\s*)[\"']{_N}[\"']"),
    "php": re.compile(
        rf"\b(?:env|getenv)\(\s*[\"']{_N}[\"']|\$_(?:ENV|SERVER)\[[\"']{_N.replace('name', 'array')}[\"']\]"
    ),
    "csharp": re.compile(rf"Environment\.GetEnvironmentVariable\(\s*\"{_N}\""),
}
_WORDS = ("env", "ENV", "${")
_SETTINGS = re.compile(r"^class\s+\w+\((?:\w+\.)?BaseSettings\):\n(?P<body>(?:(?:[ \t].*)?\n)+)", re.MULTILINE)
_FIELD = re.compile(rf"^[ \t]+{_N}\s*:\s*[^=\n]", re.MULTILINE)
_SET = re.compile(rf"^\s*(?:#\s?)?(?:export\s+)?{_N}\s*=", re.MULTILINE)
_LISTED = re.compile(r"\b[A-Z][A-Z0-9_]{1,80}\b")
_COMMENT = re.compile(r"^\s*(?://|#|\*|/\*|--)")
#: What platforms, shells and test runners set by themselves.
_GIVEN = re.compile(
    r"^(?:NODE_ENV|PATH|HOME|PWD|USER|USERNAME|SHELL|TERM|TZ|LANG|LC_\w+|CI|TMPDIR|TEMP|HOSTNAME|COLUMNS|DEV|PROD|MODE|SSR"
    r"|PORT|HOST|DEBUG|NO_COLOR|FORCE_COLOR|JEST_WORKER_ID|VITEST|NEXT_RUNTIME|NEXT_PHASE|ANALYZE|RAILS_ENV|RACK_ENV|FLASK_APP|FLASK_ENV"
    r"|DJANGO_SETTINGS_MODULE|PYTHON\w+|VIRTUAL_ENV|(?:npm|NPM|VERCEL|RENDER|HEROKU|RAILWAY|K_|KUBERNETES|AWS_LAMBDA|NETLIFY|CF_PAGES"
    r"|GAE|GOOGLE_CLOUD_PROJECT|DYNO|FLY)\w*|REQUEST_\w+|REMOTE_\w+|SERVER_\w+|HTTP_\w+|HTTPS|DOCUMENT_ROOT|SCRIPT_\w+|QUERY_STRING|ASPNETCORE_\w+"
    r"|RAILS_\w+|WEB_CONCURRENCY|MALLOC_\w+|APPDATA|LOCALAPPDATA|USERPROFILE|XDG_\w+|GOPATH|EDITOR|GITHUB_(?:ACTIONS|TOKEN|REF|SHA|RUN_ID|WORKSPACE|REPOSITORY|EVENT_NAME))$"
)
_PROPERTIES = ("application*.properties", "application*.yml", "application*.yaml", "!test/", "!tests/")
_SCRIPTS = re.compile(
    r"(?:^|/)(?:scripts?|tools?|bin|\.github|migrations?|seeds?|examples?)/|(?:^|/)[^/]*config\.[cm]?[jt]s$"
)


class VariablesGatherer:
    """Answers for the files of one tree."""

    name = "variables"
    target: ClassVar[Target] = Target.REPOSITORY
    kinds: ClassVar[tuple[type[Question[Any]], ...]] = (EnvironmentVariables,)

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._stopped = False
        self._mentioned: set[str] = set()

    def stop(self) -> None:
        """Read no further file."""
        self._stopped = True

    def answers(self, questions: Sequence[Question[Any]]) -> Iterator[tuple[Question[Any], Any]]:
        """The answers, in order."""
        for question in questions:
            if isinstance(question, EnvironmentVariables) and not self._stopped:
                yield question, self._answer(question)

    def _answer(self, question: EnvironmentVariables) -> VariablesFound:
        self._mentioned = set()
        read, files = self._read()
        for path in self._sources.match(("docker-compose*.yml", "docker-compose*.yaml", "compose*.yml", "*.tf")):
            self._mentioned |= set(_LISTED.findall(self._sources.text(path) or ""))
        examples: dict[str, Named] = {}
        for path in self._sources.match(question.examples):
            for name, line in _named(_SET, self._sources.text(path) or ""):
                examples.setdefault(name, Named(name, path, line))
        documents = self._sources.match(question.documents)
        words: set[str] = set()
        for path in documents:
            words |= set(_LISTED.findall(self._sources.text(path) or ""))
        described = tuple(sorted(name for name in read if name in words))
        shown = tuple(read[name] for name in sorted(read))
        spare = tuple(sorted(name for name in examples if name not in read and name not in self._mentioned))
        named = tuple([*self._sources.match(question.examples), *documents][:50])
        return VariablesFound(shown, tuple(examples.values()), described, spare, named, files)

    def _read(self) -> tuple[dict[str, Named], int]:
        found: dict[str, Named] = {}
        files = 0
        own = [(file.path, file.ecosystem) for file in code_files(self._sources.paths()) if not file.test]
        own += [(path, "java") for path in self._sources.match(_PROPERTIES)]
        for path, ecosystem in own:
            text = self._sources.text(path)
            if self._stopped or text is None or refusal(text) or _SCRIPTS.search(path):
                continue
            files += 1
            if any(word in text for word in _WORDS):
                self._mentioned |= set(_LISTED.findall(text))
                for name, line in self._names(text, ecosystem):
                    found.setdefault(name, Named(name, path, line))
        return found, files

    def _names(self, text: str, ecosystem: str) -> Iterator[tuple[str, int]]:
        for name, line in _named(_READS[ecosystem], text):
            if not _GIVEN.match(name) and not _COMMENT.match(text.split("\n", line)[line - 1]):
                yield name, line
        for settings in _SETTINGS.finditer(text) if ecosystem == "python" and "BaseSettings" in text else ():
            before = text.count("\n", 0, settings.start("body"))
            for name, line in _named(_FIELD, settings["body"]):
                if not _GIVEN.match(name):
                    yield name, before + line


def _named(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, int]]:
    for match in pattern.finditer(text):
        name = next(filter(None, match.groups()), "")
        if name:
            yield name, text.count("\n", 0, match.start()) + 1
