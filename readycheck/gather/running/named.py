"""Files that manifests, images, Compose files and pipelines name, and that are not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath

from readycheck.facts.faults import Fault
from readycheck.gather.code.broken import Places
from readycheck.gather.code.resolving import read_json
from readycheck.gather.comments import without_comments
from readycheck.gather.sources import Sources
from readycheck.redact import redact

_ASIDE = ("!fixtures/", "!test/", "!tests/", "!examples/", "!docs/", "!templates/", "!node_modules/")
_RUN = re.compile(
    r"(?:^|&&|\|\||;)\s*(?:cross-env\s+)?(?:\w+=\S+\s+)*(?:node|nodemon|ts-node|tsx|python3?|bash|sh)\s+(?:-[\w=-]+\s+)*(?P<path>[\w./-]+\.(?:[cm]?js|ts|py|sh))(?=\s|$|\")"
)
_COPY = re.compile(r"^\s*(?:COPY|ADD)\s+(?P<rest>.+)$", re.IGNORECASE)
_START = re.compile(
    r"^\s*(?:CMD|ENTRYPOINT)\s+\[\s*\"(?:node|python3?|sh|bash)\"\s*,\s*\"(?P<path>[\w./-]+\.(?:[cm]?js|py|sh))\"",
    re.IGNORECASE,
)
_MOUNT = re.compile(r"^\s*-\s*[\"']?(?P<path>\.{1,2}/[\w./-]+\.(?:conf|sql|ya?ml|json|sh|cfg|ini|toml|template))\s*:")


def named_faults(sources: Sources) -> tuple[list[Fault], list[str]]:
    """The faults, and the files whose names of others were followed."""
    places = Places(sources, sources.every())
    examined: list[str] = []
    faults: list[Fault] = []
    for patterns, read in (
        (("package.json", *_ASIDE), _scripts),
        (("Dockerfile", "Dockerfile.*", "*.Dockerfile", "!*.dockerignore", *_ASIDE), _image),
        (("docker-compose*.yml", "docker-compose*.yaml", "compose.yml", "compose.yaml", *_ASIDE), _compose),
        (("/.github/workflows/*.yml", "/.github/workflows/*.yaml"), _workflow),
    ):
        for path in sources.match(patterns):
            text = sources.text(path)
            if text is not None:
                examined.append(path)
                faults += read(path, text, places)
    return faults, examined


def _missing(place: str, places: Places) -> bool:
    return not place.startswith("..") and not places.there(place) and not places.made(place)


def _scripts(path: str, text: str, places: Places) -> Iterator[Fault]:
    scripts = read_json(text).get("scripts")
    folder = dirname(path)
    for name, command in (scripts if isinstance(scripts, dict) else {}).items():
        if not isinstance(command, str) or re.search(r"\bcd\s|\bbuild\b|\btsc\b", command):
            continue
        for match in _RUN.finditer(command[:2000]):
            place = normpath(join(folder, match["path"]))
            if _missing(place, places) and not match["path"].startswith("/"):
                yield _fault(path, text, f'"{name}"', f"the script {name} runs {match['path']}, which is not there")


def _image(path: str, text: str, places: Places) -> Iterator[Fault]:
    folder = dirname(path)
    lines = list(without_comments(text, path))
    for number, line in enumerate(lines, 1):
        if (
            (copied := _COPY.match(line))
            and "--from" not in line
            and "<<" not in line
            and not line.rstrip().endswith("\\")
        ):
            words = [word for word in re.sub(r"[\[\]\",]+", " ", copied["rest"]).split() if not word.startswith("--")]
            for word in words[:-1]:
                if re.search(r"[*?$\[]|^https?:|^git", word) or word in (".", "./", "/"):
                    continue
                wanted = word.lstrip("/").removeprefix("./").rstrip("/")
                above = [folder]
                while above[-1]:
                    above.append(dirname(above[-1]))
                if (
                    wanted
                    and all(_missing(normpath(join(base, wanted)), places) for base in above)
                    and not _somewhere(wanted, places)
                ):
                    yield Fault(f"copies {word}, which is not there", path, number, redact(line.strip())[:200])


def _somewhere(wanted: str, places: Places) -> bool:
    """Does any folder have it? Then the context of the build may be that folder."""
    return any(known == wanted or known.endswith(f"/{wanted}") for known in places.files) or any(
        known.endswith(f"/{wanted}") for known in places.folders
    )


def _compose(path: str, text: str, places: Places) -> Iterator[Fault]:
    folder = dirname(path)
    for number, line in enumerate(without_comments(text, path), 1):
        if mounted := _MOUNT.match(line):
            place = normpath(join(folder, mounted["path"]))
            if _missing(place, places):
                yield Fault(f"mounts {mounted['path']}, which is not there", path, number, redact(line.strip())[:200])
        elif built := re.match(r"^\s*(?:build|context):\s*[\"']?(?P<path>\.{1,2}/[\w./-]+)[\"']?\s*$", line):
            place = normpath(join(folder, built["path"]))
            if not place.startswith("..") and place not in places.folders and place not in places.files:
                yield Fault(f"builds {built['path']}, which is not there", path, number, redact(line.strip())[:200])


def _workflow(path: str, text: str, places: Places) -> Iterator[Fault]:
    for number, line in enumerate(without_comments(text, path), 1):
        match = re.match(r"^\s*working-directory:\s*[\"']?(?P<path>\.?/?[\w./-]+)[\"']?\s*$", line)
        if match:
            place = normpath(match["path"].removeprefix("./"))
            if not place.startswith(("..", "/")) and place not in places.folders and not places.made(place):
                yield Fault(f"works in {match['path']}, which is not there", path, number, line.strip()[:200])


def _fault(path: str, text: str, needle: str, message: str) -> Fault:
    lines = text.split("\n")
    line = next((number for number, one in enumerate(lines, 1) if needle in one and ":" in one), 1)
    return Fault(message, path, line, redact(lines[line - 1].strip())[:200])
