"""Holds lock files against their manifests: would `npm ci`, `poetry install`, `go build -mod=readonly` refuse?"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from posixpath import dirname, join
from typing import Any

from readycheck.facts.faults import Fault
from readycheck.gather.code.resolving import read_json
from readycheck.gather.sources import Sources

_NPM = ("dependencies", "devDependencies", "optionalDependencies")
_NAME = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)")


def lock_faults(sources: Sources) -> tuple[list[Fault], list[str]]:
    """The faults, and the lock files that were held against a manifest."""
    faults: list[Fault] = []
    examined: list[str] = []
    for lock, judge in _pairs(sources):
        text = sources.text(lock)
        if text is None:
            continue
        examined.append(lock)
        faults += judge(sources, lock, text)
    return faults, examined


def _pairs(sources: Sources) -> Iterator[tuple[str, Any]]:
    for name, judge in _LOCKS.items():
        for lock in sources.match((name, "!fixtures/", "!test/", "!tests/", "!examples/")):
            yield lock, judge


def _npm(sources: Sources, lock: str, text: str) -> Iterator[Fault]:
    """`npm ci` refuses a lock whose root package asks for anything else than package.json does."""
    manifest = read_json(sources.text(_beside(lock, "package.json")))
    if not manifest:
        return
    held = read_json(text)
    root = held.get("packages", {}).get("") if isinstance(held.get("packages"), dict) else None
    listed = held.get("dependencies")
    if root is None and not isinstance(listed, dict):
        return
    for key in _NPM:
        wanted = manifest.get(key)
        for name, version in (wanted if isinstance(wanted, dict) else {}).items():
            if root is None:
                wrong = "is not in" if name not in (listed or {}) else ""
            else:
                named = any(isinstance(root.get(one), dict) and name in root[one] for one in _NPM)
                installed = held["packages"].get(f"node_modules/{name}", {}).get("version", "")
                wrong = "is not in" if not named else f"is {installed} in" if not satisfies(installed, version) else ""
            if wrong:
                yield _fault(
                    sources, lock, "package.json", name, f"{name} {version} {wrong} the lock file: `npm ci` refuses"
                )


def satisfies(installed: str, wanted: object) -> bool:
    """May this version be installed where that range is wanted? What is not plainly out of range is (semver.org, npm)."""
    have = re.fullmatch(r"(\d+)\.(\d+)\.(\d+).*", str(installed))
    want = re.fullmatch(r"(?P<kind>[\^~]?)(\d+)\.(\d+)\.(\d+)", str(wanted))
    if not have or not want:
        return True
    got, least = tuple(map(int, have.groups()[:3])), tuple(map(int, want.groups()[1:4]))
    if not want["kind"]:
        return got == least
    same = 2 if want["kind"] == "~" else next((at + 1 for at, part in enumerate(least) if part), 3)
    return got[:same] == least[:same] and got >= least


def _pnpm(sources: Sources, lock: str, text: str) -> Iterator[Fault]:
    manifest = read_json(sources.text(_beside(lock, "package.json")))
    version = re.search(r"^lockfileVersion:\s*'?(\d+)", text, re.MULTILINE)
    if not manifest or not version or int(version[1]) < 6:  # noqa: PLR2004 - older ones are written otherwise
        return
    for key in _NPM:
        wanted = manifest.get(key)
        for name in wanted if isinstance(wanted, dict) else {}:
            if not re.search(rf"^\s+'?{re.escape(name)}'?:", text, re.MULTILINE):
                yield _fault(
                    sources,
                    lock,
                    "package.json",
                    name,
                    f"{name} is not in the lock file: `pnpm install --frozen-lockfile` refuses",
                )


def _yarn(sources: Sources, lock: str, text: str) -> Iterator[Fault]:
    manifest = read_json(sources.text(_beside(lock, "package.json")))
    for key in _NPM:
        wanted = manifest.get(key)
        for name, version in (wanted if isinstance(wanted, dict) else {}).items():
            if not isinstance(version, str) or version.startswith(
                ("workspace:", "file:", "link:", "portal:", "patch:", "git", "http")
            ):
                continue
            quoted = re.escape(name)
            if not re.search(rf"(?:^|[\"\s,]){quoted}@", text, re.MULTILINE):
                yield _fault(
                    sources,
                    lock,
                    "package.json",
                    name,
                    f"{name} is not in the lock file: `yarn install --frozen-lockfile` refuses",
                )


def _toml(text: str | None) -> dict[str, Any]:
    try:
        return tomllib.loads(text or "")
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _python(sources: Sources, lock: str, text: str) -> Iterator[Fault]:
    """Poetry and uv: every dependency of pyproject.toml is among the packages of the lock."""
    manifest, held = _toml(sources.text(_beside(lock, "pyproject.toml"))), _toml(text)
    packages = held.get("package")
    if not manifest or not isinstance(packages, list):
        return
    names = {_normal(str(one.get("name", ""))) for one in packages if isinstance(one, dict)}
    project = manifest.get("project", {})
    poetry = manifest.get("tool", {}).get("poetry", {}) if isinstance(manifest.get("tool"), dict) else {}
    listed = project.get("dependencies") if isinstance(project, dict) else None
    wanted = [match[1] for one in (listed if isinstance(listed, list) else []) if (match := _NAME.match(str(one)))]
    wanted += [name for name in poetry.get("dependencies", {}) if name != "python"] if isinstance(poetry, dict) else []
    for name in wanted:
        if _normal(name) not in names:
            yield _fault(sources, lock, "pyproject.toml", name, f"{name} is not in the lock file: it is out of step")


def _pipenv(sources: Sources, lock: str, text: str) -> Iterator[Fault]:
    manifest, held = _toml(sources.text(_beside(lock, "Pipfile"))), read_json(text)
    default = held.get("default")
    packages = manifest.get("packages")
    if isinstance(default, dict) and isinstance(packages, dict):
        names = {_normal(name) for name in default}
        for name in packages:
            if _normal(name) not in names:
                yield _fault(
                    sources, lock, "Pipfile", name, f"{name} is not in the lock file: `pipenv sync` leaves it out"
                )


def _ruby(sources: Sources, lock: str, text: str) -> Iterator[Fault]:
    manifest = sources.text(_beside(lock, "Gemfile")) or ""
    held = re.search(r"^DEPENDENCIES\n((?: .*\n?)*)", text, re.MULTILINE)
    if not held:
        return
    names = set(re.findall(r"^\s+([\w.-]+)", held[1], re.MULTILINE))
    for name in re.findall(r"^gem\s*\(?\s*[\"']([\w.-]+)[\"']", manifest, re.MULTILINE):
        if name not in names:
            yield _fault(
                sources, lock, "Gemfile", name, f"{name} is not in the lock file: a frozen `bundle install` refuses"
            )


def _go(sources: Sources, lock: str, text: str) -> Iterator[Fault]:
    manifest = sources.text(_beside(lock, "go.mod")) or ""
    if sources.match((_beside(lock, "vendor/modules.txt"),)) or "\nreplace" in manifest:
        return
    for name, version, rest in re.findall(
        r"^\s*(?:require\s+)?([\w./~-]+\.[\w./~-]+)\s+(v\S+)(.*)$", manifest, re.MULTILINE
    ):
        if "indirect" not in rest and f"{name} {version}" not in text:
            yield _fault(sources, lock, "go.mod", name, f"{name} {version} has no sum in go.sum: the build refuses")


def _composer(sources: Sources, lock: str, text: str) -> Iterator[Fault]:
    manifest, held = read_json(sources.text(_beside(lock, "composer.json"))), read_json(text)
    packages = [*(held.get("packages") or []), *(held.get("packages-dev") or [])]
    names = {str(one.get("name", "")).lower() for one in packages if isinstance(one, dict)}
    names |= {str(each).lower() for one in packages if isinstance(one, dict) for each in one.get("replace") or {}}
    names |= {str(each).lower() for one in packages if isinstance(one, dict) for each in one.get("provide") or {}}
    wanted = manifest.get("require")
    for name in wanted if isinstance(wanted, dict) and names else {}:
        if "/" in name and name.lower() not in names:
            yield _fault(
                sources, lock, "composer.json", name, f"{name} is not in the lock file: `composer install` refuses"
            )


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _beside(lock: str, name: str) -> str:
    return join(dirname(lock), name)


def _fault(sources: Sources, lock: str, manifest: str, name: str, message: str) -> Fault:
    path = _beside(lock, manifest)
    lines = (sources.text(path) or "").split("\n")
    line = next((number for number, text in enumerate(lines, 1) if name in text), 1)
    return Fault(message, path, line, lines[line - 1].strip()[:200])


_LOCKS = {
    "package-lock.json": _npm,
    "npm-shrinkwrap.json": _npm,
    "pnpm-lock.yaml": _pnpm,
    "yarn.lock": _yarn,
    "poetry.lock": _python,
    "uv.lock": _python,
    "Pipfile.lock": _pipenv,
    "Gemfile.lock": _ruby,
    "go.sum": _go,
    "composer.lock": _composer,
}
