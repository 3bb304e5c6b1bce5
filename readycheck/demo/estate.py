"""Builds the estate of the demo: repository, history, database, environment and a live site, all in one folder."""

from __future__ import annotations

import secrets
import ssl
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import trustme

from readycheck.demo.records import make_database
from readycheck.demo.repository import make_repository
from readycheck.demo.serving import HOST, Server
from readycheck.demo.site import Site
from readycheck.demo.source import service_files
from readycheck.demo.story import changes
from readycheck.gather.targets import Targets

_MIGRATIONS = "src/database/migrations/"
_ENVIRONMENT = """\
NODE_ENV=production
PORT=3000
DB_HOST=database.internal
DB_PORT=1433
DB_NAME=minibusiness
DB_USER=loan_service
SESSION_SECRET_KEY={session}
JWT_SECRET=loans4u
ENCRYPTION_KEY={example}
SMTP_URL=smtp://mail.internal:587
MAIL_FROM=loans@minibusinessloan.com
"""


class Estate:
    """A running loan service. As a context manager it closes its site; its files stay for whoever owns the folder.

    `url` is the site over TLS, which `ca_file` makes trustworthy; `plain_url` is another port that redirects there.
    """

    def __init__(self, folder: Path, now: datetime) -> None:
        self.repository = folder / "loan-service"
        self.database = folder / "loan.db"
        self.environment = folder / "production.env"
        self.ca_file = folder / "ca.pem"
        files = service_files()
        make_repository(self.repository, changes(files, now))
        make_database(self.database, (Path(path).name for path in files if path.startswith(_MIGRATIONS)), now)
        self._write_environment(files)
        self._open = ExitStack()
        with ExitStack() as opened:
            self._serve(opened, Site(files, now - timedelta(days=2)))
            self._open = opened.pop_all()

    @property
    def targets(self) -> Targets:
        """What to audit."""
        return Targets(
            repository=str(self.repository),
            database=f"sqlite:///{self.database.as_posix()}",
            deployment=self.url,
            environment=str(self.environment),
            ca_file=str(self.ca_file),
        )

    def close(self) -> None:
        """Stop the site; nothing of it is left running."""
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write_environment(self, files: Mapping[str, bytes]) -> None:
        example = dict(line.split("=", 1) for line in files[".env.example"].decode().splitlines() if "=" in line)
        text = _ENVIRONMENT.format(session=secrets.token_hex(32), example=example["ENCRYPTION_KEY"])
        self.environment.write_text(text, encoding="utf-8", newline="\n")

    def _serve(self, opened: ExitStack, site: Site) -> None:
        secure = Server(site, self._tls())
        opened.callback(secure.close)
        plain = Server(site, secure_port=secure.port)
        opened.callback(plain.close)
        self.url = f"https://{HOST}:{secure.port}"
        self.plain_url = f"http://{HOST}:{plain.port}"

    def _tls(self) -> ssl.SSLContext:
        """A context as Mozilla's "intermediate" wants it, with a certificate of 90 days of which 60 are left.

        Its dates follow the real clock, not the story's: clients judge it by theirs.
        """
        authority = trustme.CA(organization_name="Demo of readycheck")
        authority.cert_pem.write_to_path(self.ca_file)
        today = datetime.now(UTC)
        certificate = authority.issue_cert(
            HOST, "localhost", not_before=today - timedelta(days=30), not_after=today + timedelta(days=60)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
        context.set_alpn_protocols(["http/1.1"])
        certificate.configure_cert(context)
        return context


def build(folder: Path, now: datetime | None = None) -> Estate:
    """A new estate in this folder; its dates count from `now`, which has a time zone and is the present if not given.

    Commits, rows and pages are the same for the same `now`; keys, ports and cookies are new each time.

    Raises:
        TargetError: there is no git, or it refuses.
    """
    return Estate(folder.resolve(), now or datetime.now(UTC))
