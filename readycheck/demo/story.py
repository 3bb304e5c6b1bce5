"""The history of the demonstrated service as a list of commits: who did what, how long ago."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import Struct

from readycheck.demo.leaked import LEAKED_PATHS, leaked_files

ASHA = "Asha Verma <asha@minibusinessloan.example>"
TOM = "Tom Becker <tom@minibusinessloan.example>"


class Chapter(Struct, frozen=True, kw_only=True):
    """One commit: so many days ago, by whom, and the paths that it brings; a path that ends with `/` is a folder.

    A file comes with the first chapter whose `paths` name it. `drafts` are files that a later chapter brings in their
    last form, and `leaks` says whether the keys and `.env` come or go.
    """

    days: int
    author: str
    subject: str
    paths: tuple[str, ...] = ()
    drafts: tuple[str, ...] = ()
    leaks: Literal["", "come", "go"] = ""


class Change(Struct, frozen=True):
    """A commit to be made: new content by path, and the paths that it deletes."""

    when: datetime
    author: str
    subject: str
    written: dict[str, bytes]
    deleted: tuple[str, ...]


STORY = (
    Chapter(
        days=238,
        author=ASHA,
        subject="Start with people, applicants and loans",
        paths=(
            ".env.example",
            ".sequelizerc",
            "README.md",
            "package-lock.json",
            "package.json",
            "public/",
            "src/config/",
            "src/database/migrations/20240603090000-create-users-and-loans.js",
            "src/database/seeders/",
            "src/middleware/authenticate.js",
            "src/middleware/enforceHttps.js",
            "src/middleware/errors.js",
            "src/middleware/staffSession.js",
            "src/middleware/validate.js",
            "src/models/",
            "src/routes/auth.js",
            "src/routes/health.js",
            "src/routes/index.js",
            "src/routes/loans.js",
            "src/routes/pages.js",
            "src/routes/users.js",
            "src/server.js",
        ),
        drafts=(".gitignore", "src/app.js"),
    ),
    Chapter(days=237, author=ASHA, subject="Share the development keys", leaks="come"),
    Chapter(
        days=214,
        author=TOM,
        subject="Add payments and the repayment schedule",
        paths=(
            "src/database/migrations/20240618090000-create-payments.js",
            "src/routes/payments.js",
            "src/services/schedule.js",
        ),
    ),
    Chapter(
        days=188,
        author=ASHA,
        subject="Encrypt tax numbers and keep an audit trail",
        paths=("src/database/migrations/", "src/middleware/auditTrail.js", "src/services/encryption.js"),
    ),
    Chapter(
        days=160, author=TOM, subject="Take keys and .env out of the repository", paths=(".gitignore",), leaks="go"
    ),
    Chapter(
        days=141,
        author=TOM,
        subject="Build an image, test it, roll it out",
        paths=(".dockerignore", ".github/", "Dockerfile", "docker-compose.yml", "scripts/"),
    ),
    Chapter(
        days=118,
        author=ASHA,
        subject="Measure requests, log them, report errors",
        paths=(
            "monitoring/",
            "src/instrument.js",
            "src/middleware/measure.js",
            "src/middleware/requestLog.js",
            "src/routes/metrics.js",
            "src/services/alerts.js",
            "src/services/logger.js",
        ),
    ),
    Chapter(
        days=96,
        author=TOM,
        subject="Add reports, analytics and API documentation",
        paths=(
            "openapi.yaml",
            "src/middleware/responseCache.js",
            "src/routes/analytics.js",
            "src/routes/docs.js",
            "src/routes/reports.js",
        ),
    ),
    Chapter(
        days=75,
        author=ASHA,
        subject="Write down how it is run",
        paths=("SECURITY.md", "docs/"),
        drafts=("PRODUCTION_READINESS.md",),
    ),
    Chapter(
        days=61,
        author=TOM,
        subject="Test the API and keep the coverage report",
        paths=("coverage/", "jest.config.js", "tests/"),
    ),
    Chapter(days=33, author=ASHA, subject="Tick what is done", paths=("PRODUCTION_READINESS.md",)),
    Chapter(
        days=9,
        author=TOM,
        subject="Remind borrowers and forget old data every night",
        paths=("src/jobs/", "src/routes/notifications.js", "src/services/mail.js", "src/services/reminders.js"),
    ),
    Chapter(days=2, author=ASHA, subject="Limit requests", paths=("src/app.js", "src/middleware/rateLimiter.js")),
)


def changes(files: Mapping[str, bytes], now: datetime) -> Iterator[Change]:
    """The commits that lead to these files, the oldest first. Same files and same day, same commits.

    Raises:
        LookupError: no chapter brings one of the files.
    """
    left = dict(files)
    for chapter in STORY:
        when = _at(now, chapter.days)
        drafts = {path: _draft(path, files[path]) for path in chapter.drafts}
        brought = {path: left.pop(path) for path in sorted(left) if _names(chapter.paths, path)}
        leaks = leaked_files(when) if chapter.leaks == "come" else {}
        deleted = LEAKED_PATHS if chapter.leaks == "go" else ()
        yield Change(when, chapter.author, chapter.subject, drafts | brought | leaks, deleted)
    if left:
        raise LookupError(f"no commit of the story brings {', '.join(left)}")


def _at(now: datetime, days: int) -> datetime:
    morning = now.astimezone(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
    return morning - timedelta(days=days) + timedelta(minutes=7 * days % 480)


def _names(paths: tuple[str, ...], path: str) -> bool:
    return any(path == one or (one.endswith("/") and path.startswith(one)) for one in paths)


def _draft(path: str, final: bytes) -> bytes:
    """An earlier form of a file: without what a later commit of the story is about."""
    text = final.decode()
    match path:
        case ".gitignore":
            return "".join(line for line in text.splitlines(keepends=True) if line[0] not in "*.c").encode()
        case "PRODUCTION_READINESS.md":
            return text.replace("- [x]", "- [ ]").encode()
        case _:
            return re.sub(r".*rateLimiter.*\n", "", text).encode()
