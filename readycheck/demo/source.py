"""The files of the demonstrated service, as they are shipped beside this module."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable


def service_files() -> dict[str, bytes]:
    """Every file of the service by its path with `/`, in order; its lines end as git stores them."""
    found = _walk(files(__package__).joinpath("service"), "")
    return {path: file.read_bytes().replace(b"\r\n", b"\n") for path, file in sorted(found)}


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        path = prefix + entry.name
        if entry.is_dir():
            yield from _walk(entry, f"{path}/")
        else:
            yield path, entry
