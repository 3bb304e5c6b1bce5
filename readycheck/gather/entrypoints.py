"""Finds the files that a project starts from: those that scripts, images and process files name, or convention."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath

from readycheck.gather.comments import without_comments
from readycheck.gather.config import parse
from readycheck.gather.ecosystems import ecosystem
from readycheck.gather.sources import Sources
from readycheck.gather.values import Unparsable, found

_CONVENTIONS = (
    *("manage.py", "wsgi.py", "asgi.py", "/app.py", "/main.py", "**/src/main.py", "**/app/main.py", "__main__.py"),
    *("/server.[jt]s", "/index.[jt]s", "/app.[jt]s", "/main.[jt]s", "/bin/www"),
    *("**/src/server.[jt]s", "**/src/index.[jt]s", "**/src/app.[jt]s", "**/src/main.[jt]s"),
    *("**/src/main.tsx", "**/src/index.tsx", "/main.go", "**/cmd/*/main.go", "**/cmd/main.go"),
    *("config.ru", "**/config/application.rb", "**/public/index.php", "artisan", "**/bin/console"),
    *("Program.cs", "Startup.cs", "*Application.java", "*Application.kt"),
    *("!test/", "!tests/", "!__tests__/", "!fixtures/", "!examples/", "!docs/", "!*_test.go"),
)
_IMAGES = ("Dockerfile", "Dockerfile.*", "*.Dockerfile", "Containerfile")
_COMPOSE = (
    "docker-compose*.yml",
    "docker-compose*.yaml",
    "compose.yml",
    "compose.yaml",
    "compose.*.yml",
    "compose.*.yaml",
)
_STARTING = ("start", "start:prod", "start:production", "serve", "production")

_FILE = re.compile(r"(?<![\w@-])(?:\./)?(?P<path>[\w./@-]{1,300}\.(?:[mc]?[jt]s|tsx|py|rb|php|go|jar|dll))(?![\w.])")
_MODULE = re.compile(r"(?<![\w./:-])(?P<module>[a-zA-Z_][\w.]{0,200}):[a-zA-Z_]\w{0,100}")
_RUN = re.compile(r"\b(?:node|nodemon|ts-node|tsx|bun|deno run)\s+(?:-[\w=-]+\s+)*(?P<path>[\w./@-]{1,300})")
_RUN_MODULE = re.compile(r"python[\d.]*\s+-m\s+(?P<module>[a-zA-Z_][\w.]{0,200})")
_INSTRUCTION = re.compile(r"^\s*(?:CMD|ENTRYPOINT)\s+(?P<command>.*)$", re.IGNORECASE)
#: What a build writes is made of what stands at the same place in the source folder.
_BUILT = re.compile(r"^(?:dist|build|lib|out)/")


def entry_points(sources: Sources) -> tuple[str, ...]:
    """The files of code that a process of the project starts from, sorted; only files that exist."""
    known = frozenset(sources.paths())
    named = (
        path
        for folder, command in _commands(sources)
        for candidate in _candidates(command)
        for path in _existing(folder, candidate, known)
    )
    conventional = (
        path for path in sources.match(_CONVENTIONS) if ecosystem(path) or path.endswith(("www", "artisan"))
    )
    return tuple(sorted({*named, *conventional}))


def _commands(sources: Sources) -> Iterator[tuple[str, str]]:
    """Commands that start something, each with the folder that its files are named from."""
    for path in sources.match(("package.json", "!fixtures/", "!examples/")):
        for command in _package(sources.text(path) or ""):
            yield dirname(path), command
    for path in sources.match(_IMAGES):
        for line in without_comments(sources.text(path) or "", path):
            instruction = _INSTRUCTION.match(line)
            if instruction:
                yield dirname(path), re.sub(r"[\[\]\",]+", " ", instruction["command"])
    for path in sources.match(("Procfile",)):
        for line in without_comments(sources.text(path) or "", path):
            yield dirname(path), line.partition(":")[2]
    for path in sources.match(_COMPOSE):
        for command in _compose(sources.text(path) or "", path):
            yield dirname(path), command


def _package(text: str) -> Iterator[str]:
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):
        return
    if not isinstance(manifest, dict):
        return
    binaries, scripts = manifest.get("bin"), manifest.get("scripts")
    values = [manifest.get("main"), *(binaries.values() if isinstance(binaries, dict) else [binaries])]
    values += [scripts.get(name) for name in _STARTING] if isinstance(scripts, dict) else []
    yield from (value for value in values if isinstance(value, str))


def _compose(text: str, path: str) -> Iterator[str]:
    try:
        values = parse(text, path)
    except Unparsable:
        return
    for key in ("services.*.command", "services.*.entrypoint"):
        yield from (value.text.replace(",", " ") for value in found(values, key))


def _candidates(command: str) -> Iterator[str]:
    """The files that a command may name: as a path, or as a Python module (`uvicorn app.main:app`)."""
    words = command[:4000]
    yield from (match["path"] for match in _FILE.finditer(words))
    yield from (match["path"] for match in _RUN.finditer(words))
    if re.fullmatch(r"[\w./@-]+", words):
        yield words
    for pattern in (_MODULE, _RUN_MODULE):
        for match in pattern.finditer(words):
            module = match["module"].replace(".", "/")
            yield from (f"{module}.py", f"{module}/__init__.py", f"{module}/__main__.py", f"src/{module}.py")


def _existing(folder: str, candidate: str, known: frozenset[str]) -> Iterator[str]:
    """The project's file that a command means by this name, seen from the folder, the root or an image's `/app`."""
    name = re.sub(r"^(?:/usr/src/app|/usr/src|/app|/srv|/code|/workspace)/", "", candidate).removeprefix("./")
    stem = _BUILT.sub("", name)
    sources = [f"{base}{stem}" for base in ("src/", "")] if stem != name else []
    spelled = [name, *sources]
    spelled += [re.sub(r"\.([mc]?)js$", r".\1ts", each) for each in spelled]
    spelled += [f"{each}{ending}" for each in (name, *sources) for ending in (".js", ".ts", "/index.js", "/index.ts")]
    for each in spelled:
        for base in dict.fromkeys((folder, "")):
            path = normpath(join(base, each))
            if path in known:
                yield path
