"""Which JavaScript runs in browsers: what a page does with a value proves nothing about the service behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from posixpath import dirname

from readycheck.gather.code.resolving import read_json
from readycheck.gather.code.selection import SourceFiles

#: Packages of pages, and packages of which one makes the package a service (or a site that renders on one).
_PAGES = frozenset(
    """
    react-dom react-scripts vue svelte @angular/core preact solid-js jquery bootstrap vite laravel-mix laravel-
    vite-plugin @vitejs/plugin-react react-native expo ember-cli lit webpack parcel
    """.split()  # noqa: SIM905 - a list of words
)
_SERVICES = frozenset(
    """
    express fastify koa @nestjs/core @hapi/hapi hapi hono next nuxt @remix-run/node @sveltejs/kit restify polka
    sails @adonisjs/core moleculer apollo-server @apollo/server graphql-yoga socket.io ws sequelize mongoose
    typeorm prisma @prisma/client pg mysql mysql2 mongodb knex drizzle-orm firebase-admin aws-lambda @google-
    cloud/functions-framework @trpc/server astro electron connect micro
    """.split()  # noqa: SIM905 - a list of words
)
#: Files of pages that other frameworks serve, where no manifest says what runs them.
_ASSETS = re.compile(
    r"(?:^|/)(?:app/(?:assets|javascript)|public|static|wwwroot|resources/(?:js|assets)|src/main/resources|assets)/|(?:^|/)templates/"
)


def browser_files(sources: SourceFiles, code: Iterable[str], every: Iterable[str]) -> frozenset[str]:
    """The files of these that run in browsers: by the packages that their manifest names, else by their place."""
    own, paths = list(code), list(every)
    if not own:
        return frozenset()
    kinds = {
        dirname(path): _kind(sources.text(path))
        for path in paths
        if path.endswith("package.json") and "node_modules" not in path
    }
    folders = sorted(kinds, key=len, reverse=True)
    return frozenset(path for path in own if _runs_in_browser(path, folders, kinds))


def _kind(text: str | None) -> str:
    manifest = read_json(text)
    named: set[str] = set()
    for key in ("dependencies", "devDependencies", "peerDependencies"):
        group = manifest.get(key)
        named |= set(group) if isinstance(group, dict) else set()
    if named & _SERVICES or any(name.startswith(("@fastify/", "@nestjs/", "@hapi/", "@koa/")) for name in named):
        return "service"
    return "pages" if named & _PAGES else ""


def _runs_in_browser(path: str, folders: list[str], kinds: dict[str, str]) -> bool:
    for folder in folders:
        if not folder or path.startswith(f"{folder}/"):
            if kinds[folder] != "pages":
                inside = path[len(folder) :].lstrip("/")
                return inside.startswith(("public/", "wwwroot/")) and kinds[folder] == "service"
            # A folder of functions or a server beside the pages is not pages.
            return not re.search(r"(?:^|/)(?:server|api|functions|netlify|supabase|backend)/", path[len(folder) :])
    return bool(_ASSETS.search(path))
