"""Reads which packages the manifests of a project name, and which frameworks those are."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from typing import Any

from readycheck.gather.comments import without_comments
from readycheck.gather.sources import Sources

#: Manifests, wherever they stand in the project, and the places whose manifests are not the product's.
MANIFESTS = (
    "package.json",
    "pyproject.toml",
    "requirements*.txt",
    "**/requirements/*.txt",
    "Pipfile",
    "setup.cfg",
    "setup.py",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "libs.versions.toml",
    "Gemfile",
    "composer.json",
    "*.csproj",
)
_NOT_THE_PRODUCT = ("!fixtures/", "!__fixtures__/", "!testdata/", "!test/", "!tests/", "!examples/", "!docs/")

#: Frameworks by the package that brings them, each under the ecosystem's own name for it.
_STACKS = {
    "express": "express",
    "@nestjs/core": "nestjs",
    "fastify": "fastify",
    "koa": "koa",
    "@hapi/hapi": "hapi",
    "next": "next",
    "nuxt": "nuxt",
    "react": "react",
    "vue": "vue",
    "svelte": "svelte",
    "@angular/core": "angular",
    "sequelize": "sequelize",
    "prisma": "prisma",
    "@prisma/client": "prisma",
    "typeorm": "typeorm",
    "knex": "knex",
    "drizzle-orm": "drizzle",
    "mongoose": "mongoose",
    "django": "django",
    "flask": "flask",
    "fastapi": "fastapi",
    "starlette": "starlette",
    "tornado": "tornado",
    "sqlalchemy": "sqlalchemy",
    "alembic": "alembic",
    "celery": "celery",
    "rails": "rails",
    "sinatra": "sinatra",
    "laravel/framework": "laravel",
    "symfony/framework-bundle": "symfony",
    "symfony/http-kernel": "symfony",
    "slim/slim": "slim",
    "github.com/gin-gonic/gin": "gin",
    "github.com/labstack/echo": "echo",
    "github.com/gofiber/fiber": "fiber",
    "github.com/go-chi/chi": "chi",
    "gorm.io/gorm": "gorm",
    "microsoft.net.sdk.web": "aspnet",
    "microsoft.aspnetcore.app": "aspnet",
    "microsoft.entityframeworkcore": "entityframework",
    "io.quarkus": "quarkus",
    "io.micronaut": "micronaut",
    "io.ktor": "ktor",
}
_PREFIXES = (
    ("org.springframework.boot", "spring"),
    ("spring-boot", "spring"),
    ("org.hibernate", "hibernate"),
    ("hibernate", "hibernate"),
    ("quarkus", "quarkus"),
    ("micronaut", "micronaut"),
    ("ktor-", "ktor"),
)
_VERSION = re.compile(r"/v\d+$")


def stacks(sources: Sources) -> tuple[str, ...]:
    """The frameworks that the project's manifests name, each once, in the order of the alphabet."""
    return tuple(sorted({stack for name in packages(sources) for stack in _stacks(name)}))


def _stacks(name: str) -> Iterator[str]:
    plain = _VERSION.sub("", name.lower())
    if plain in _STACKS:
        yield _STACKS[plain]
    yield from (stack for prefix, stack in _PREFIXES if plain.startswith(prefix))


def packages(sources: Sources) -> set[str]:
    """Every package that a manifest of the product names, as written there; manifests that do not parse name none."""
    found: set[str] = set()
    for path in sources.match((*MANIFESTS, *_NOT_THE_PRODUCT)):
        text = sources.text(path)
        reader = _reader(path)
        if text is not None:
            try:
                found.update(reader(text, path))
            except (ValueError, TypeError, AttributeError, RecursionError):
                continue  # a manifest of another shape names nothing; `ConfigLookup` reports what does not parse
    return found


def _reader(path: str) -> Callable[[str, str], Iterator[str]]:
    name = path.rpartition("/")[2]
    if name.endswith(".txt"):
        return _requirements
    if name.endswith(".csproj"):
        return _csproj
    return _READERS[name]


def _package_json(text: str, _: str) -> Iterator[str]:
    manifest = json.loads(text)
    for group in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies"):
        yield from manifest.get(group) or {}


def _composer(text: str, _: str) -> Iterator[str]:
    manifest = json.loads(text)
    for group in ("require", "require-dev"):
        yield from manifest.get(group) or {}


_REQUIREMENT = re.compile(r"\s*(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?:[=<>!~;@,(]|$)")


def _requirement(line: str) -> Iterator[str]:
    found = _REQUIREMENT.match(line)
    if found:
        yield found["name"].replace("_", "-")


def _requirements(text: str, path: str) -> Iterator[str]:
    for line in without_comments(text, path.replace(".txt", ".sh")):
        yield from _requirement(line)


def _pyproject(text: str, _: str) -> Iterator[str]:
    manifest = tomllib.loads(text)
    project = manifest.get("project", {})
    optional = [line for lines in project.get("optional-dependencies", {}).values() for line in lines]
    groups = [line for lines in manifest.get("dependency-groups", {}).values() for line in lines]
    for line in (*project.get("dependencies", ()), *optional, *groups):
        if isinstance(line, str):
            yield from _requirement(line)
    poetry = manifest.get("tool", {}).get("poetry", {})
    yield from poetry.get("dependencies", {})
    for group in poetry.get("group", {}).values():
        yield from group.get("dependencies", {})


def _pipfile(text: str, _: str) -> Iterator[str]:
    manifest = tomllib.loads(text)
    yield from manifest.get("packages", {})
    yield from manifest.get("dev-packages", {})


def _setup_cfg(text: str, path: str) -> Iterator[str]:
    for line in without_comments(text, path):
        if line.startswith((" ", "\t")):
            yield from _requirement(line)


def _setup_py(text: str, path: str) -> Iterator[str]:
    # The file is a program, which never runs here: only what looks like a list of requirements is read.
    joined = "\n".join(without_comments(text, path))
    for block in re.findall(r"(?:install_requires|requires)\s*=\s*\[([^\]]{0,20000})", joined):
        for line in re.findall(r"[\"']([^\"'\n]{1,200})[\"']", block):
            yield from _requirement(line)


def _gomod(text: str, path: str) -> Iterator[str]:
    for line in without_comments(text, path + ".go"):
        words = line.removeprefix("require ").split()
        if len(words) >= 2 and words[1].startswith("v"):  # noqa: PLR2004 - a module and its version
            yield words[0]


def _pom(text: str, path: str) -> Iterator[str]:
    joined = "\n".join(without_comments(text, path))
    yield from re.findall(r"<(?:artifactId|groupId)>\s*([\w.-]{1,200})\s*</", joined)


def _gradle(text: str, path: str) -> Iterator[str]:
    for line in without_comments(text, path):
        yield from re.findall(r"[\"']([\w.-]{1,200})(?::[\w.-]{1,200})?(?::[^\"'\s]{0,100})?[\"']", line)
        yield from re.findall(r"[\"'][\w.-]{1,200}:([\w.-]{1,200})(?::[^\"'\s]{0,100})?[\"']", line)


def _catalog(text: str, _: str) -> Iterator[str]:
    manifest: dict[str, Any] = tomllib.loads(text)
    for library in manifest.get("libraries", {}).values():
        named = library if isinstance(library, str) else library.get("module") or library.get("name", "")
        yield from named.split(":")[:2]
    for plugin in manifest.get("plugins", {}).values():
        yield plugin if isinstance(plugin, str) else plugin.get("id", "")


def _gemfile(text: str, path: str) -> Iterator[str]:
    for line in without_comments(text, path + ".rb"):
        yield from re.findall(r"^\s*gem[\s(]+[\"']([\w.-]{1,200})[\"']", line)


def _csproj(text: str, path: str) -> Iterator[str]:
    joined = "\n".join(without_comments(text, path))
    yield from re.findall(
        r"(?:PackageReference\s+Include|FrameworkReference\s+Include|Sdk)\s*=\s*\"([^\"]{1,200})\"", joined
    )


_READERS: dict[str, Callable[[str, str], Iterator[str]]] = {
    "package.json": _package_json,
    "composer.json": _composer,
    "pyproject.toml": _pyproject,
    "Pipfile": _pipfile,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
    "go.mod": _gomod,
    "pom.xml": _pom,
    "build.gradle": _gradle,
    "build.gradle.kts": _gradle,
    "libs.versions.toml": _catalog,
    "Gemfile": _gemfile,
}
