"""Routes of Go, Java, Kotlin, Ruby, PHP and C#: what one file says of them, as far as it can be told without the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from readycheck.facts.repository import Route
from readycheck.gather.code.routes.calls import go_routes, laravel_routes, minimal_routes
from readycheck.gather.code.routes.classes import aspnet_routes, spring_routes
from readycheck.gather.code.routes.ruby import ruby_routes
from readycheck.gather.code.scanning import Parsed

Reading = Callable[[Parsed], Iterator[tuple[str, str, int]]]

_READINGS: dict[str, tuple[Reading, ...]] = {
    "go": (go_routes,),
    "java": (spring_routes,),
    "kotlin": (spring_routes,),
    "ruby": (ruby_routes,),
    "php": (laravel_routes,),
    "csharp": (aspnet_routes, minimal_routes),
}
_WORDS = {
    "go": "GET POST PUT DELETE PATCH Get Post HandleFunc Handle Group Any",
    "java": "RequestMapping GetMapping PostMapping PutMapping DeleteMapping PatchMapping Path",
    "kotlin": "RequestMapping GetMapping PostMapping PutMapping DeleteMapping PatchMapping routing",
    "ruby": "routes get post resources Sinatra",
    "php": "Route",
    "csharp": "Route HttpGet HttpPost HttpPut HttpDelete HttpPatch MapGet MapPost MapPut MapDelete MapPatch MapHealthChecks",
}


class OtherRoutes:
    """Collects the routes of the files of one ecosystem."""

    def __init__(self, ecosystem: str) -> None:
        self._readings = _READINGS[ecosystem]
        self._words = frozenset(_WORDS[ecosystem].split())
        self._found: list[Route] = []

    def wants(self, path: str, words: frozenset[str]) -> bool:  # noqa: ARG002 - by its words alone
        """Could this file declare routes?"""
        return not words.isdisjoint(self._words)

    def read(self, parsed: Parsed, *, reached: bool) -> None:
        """Read one file."""
        if self.wants(parsed.path, parsed.words):
            for reading in self._readings:
                found = reading(parsed)
                self._found += [Route(method, path, parsed.path, line, reached) for method, path, line in found]

    def routes(self) -> Iterator[Route]:
        """Every route."""
        yield from self._found
