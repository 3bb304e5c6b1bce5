"""Times a restore drill of a large database beside the bare restore of the same backup, and measures its memory."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from readycheck.drill.scratch import Scratch, folder, scratch

#: Rows of some 160 bytes, so that 6,000,000 of them are about a gigabyte.
ROWS = 6_000_000
#: Runs the command in a process of its own, whose greatest memory (KiB, by getrusage) is its last line.
_WATCHED = """
import resource, sys
from readycheck.__main__ import main
try:
    main()
except SystemExit as ended:
    print(ended.code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def build(server: Scratch, rows: int) -> int:
    """Customers, loans and payments, and the bytes that they take."""
    host = str(server.folder)
    with psycopg.connect(host=host, user="drill", dbname="postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE large")
    with psycopg.connect(host=host, user="drill", dbname="large", autocommit=True) as connection:
        connection.execute("CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL, mail text UNIQUE)")
        connection.execute(
            "CREATE TABLE payment (id bigint PRIMARY KEY, customer_id int NOT NULL REFERENCES customer, "
            "amount numeric(12, 2) NOT NULL, note text, at timestamptz NOT NULL)"
        )
        connection.execute(
            "INSERT INTO customer SELECT i, 'customer ' || i, md5(i::text) || '@example.org' FROM generate_series(1, 100000) i"
        )
        connection.execute(
            "INSERT INTO payment SELECT i, 1 + i %% 100000, i %% 100000 / 100.0, md5(i::text) || md5((i + 1)::text), "
            "timestamptz '2026-01-01' + i * interval '1 second' FROM generate_series(1, %s) i",
            [rows],
        )
        connection.execute("CREATE INDEX payment_customer ON payment (customer_id)")
        row = connection.execute("SELECT pg_database_size('large')").fetchone()
        return int(row[0]) if row else 0


def run(*words: str | Path) -> float:
    """Seconds that a program takes, which must succeed."""
    start = time.perf_counter()
    subprocess.run(list(map(str, words)), check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def bare(kind: str, dump: Path) -> float:
    """What restoring by hand takes, on a scratch server like the drill's own: the server's start and the restore."""
    start = time.perf_counter()
    with folder() as place, scratch("postgresql", place) as server:
        connect = ["-h", str(server.folder), "-U", "drill"]
        run(server.programs / "createdb", *connect, "restored")
        into = [*connect, "-d", "restored"]
        if kind == "plain":
            run(server.programs / "psql", *into, "-XqAt", "-v", "ON_ERROR_STOP=1", "-1", "-o", "/dev/null", "-f", dump)
        else:
            run(server.programs / "pg_restore", *into, "--no-owner", "--exit-on-error", "-j", "2", dump)
        return time.perf_counter() - start


def drill(dump: Path, url: str, to: Path) -> tuple[float, int, str]:
    """Seconds, greatest memory of readycheck's process in MiB, and the exit code."""
    command = [sys.executable, "-c", _WATCHED, "drill", "restore", "--backup", str(dump), "--database", url]
    start = time.perf_counter()
    done = subprocess.run([*command, "-o", f"{to}/"], check=False, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    code, memory = done.stdout.split()[-2:]
    return seconds, int(memory) // 1024, code


def main() -> None:
    """Print the table of README.md, measured."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with folder() as place, scratch("postgresql", place) as server, tempfile.TemporaryDirectory() as beside:
        size = build(server, rows)
        url = f"postgresql://drill@/large?host={server.folder}"
        print(
            f"| PostgreSQL {server.version}, {size / 1e9:.2f} GB | bare, s | drill, s | more | MiB | exit |", flush=True
        )
        print("|---|---|---|---|---|---|")
        for kind, words in (("custom archive", ["-Fc", "-Z1"]), ("plain", [])):
            dump = Path(beside) / kind.replace(" ", "-")
            run(server.programs / "pg_dump", "-h", server.folder, "-U", "drill", "-f", dump, *words, "large")
            by_hand = bare(kind, dump)
            seconds, memory, code = drill(dump, url, Path(beside))
            more = 100 * (seconds / by_hand - 1)
            print(f"| {kind} | {by_hand:.1f} | {seconds:.1f} | {more:.0f} % | {memory} | {code} |", flush=True)


if __name__ == "__main__":
    main()
