"""Real PostgreSQL and MariaDB servers in temporary folders, once for all tests, and ended with them.

A test module takes them with `pytest_plugins = ["support.database_fixtures"]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.servers import (
    PASSWORD,
    Server,
    as_root,
    binary,
    folder_of,
    free_port,
    postgresql_run,
    run,
    running,
    server_certificate,
    unprivileged,
    until,
)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """PostgreSQL with TLS, passwords over TCP and trust over its unix socket."""
    initdb = binary("initdb", "usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql*/bin")
    if initdb is None:
        pytest.skip("PostgreSQL's server binaries are not installed")
    account = unprivileged("postgres")
    with ExitStack() as stack:
        folder = stack.enter_context(folder_of(account))
        data, port = folder / "data", free_port()
        run([initdb, "-D", data, "-U", "root", "-N", "-E", "UTF8", "--locale=C", "-A", "trust"], account)
        (data / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        certificate, key = server_certificate(folder, account)
        options = {
            "port": port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": folder,
            "fsync": "off",
            "ssl": "on",
            "ssl_cert_file": certificate,
            "ssl_key_file": key,
        }
        flags = [flag for name, value in options.items() for flag in ("-c", f"{name}={value}")]
        log = folder / "log"
        command: list[str | Path] = [Path(initdb).with_name("postgres"), "-D", data, *flags]
        process = stack.enter_context(running(command, account, log))
        server = Server("postgresql", folder, port, "root", process)
        until(lambda: postgresql_run(server, "postgres", f"ALTER ROLE root PASSWORD '{PASSWORD}'"), process, log)
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    """MariaDB with TLS and a superuser with a password."""
    daemon, install = binary("mariadbd", "usr/libexec"), binary("mariadb-install-db")
    if daemon is None or install is None:
        pytest.skip("MariaDB's server binaries are not installed")
    account = unprivileged("mysql")
    with ExitStack() as stack:
        folder = stack.enter_context(folder_of(account))
        data, port, path = folder / "data", free_port(), folder / "sock"
        run([install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"], account)
        certificate, key = server_certificate(folder, account)
        log = folder / "log"
        command = [daemon, "--no-defaults", f"--datadir={data}", f"--socket={path}", f"--port={port}"]
        command += ["--bind-address=127.0.0.1", f"--ssl-cert={certificate}", f"--ssl-key={key}", "--skip-log-error"]
        command += [f"--pid-file={folder / 'pid'}", "--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve"]
        process = stack.enter_context(running(command, account, log))
        server = Server("mysql", path, port, "admin", process)
        setup = [f"CREATE USER admin@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'"]
        setup += ["GRANT ALL ON *.* TO admin@'127.0.0.1' WITH GRANT OPTION"]
        until(lambda: as_root(path, setup), process, log)
        yield server
