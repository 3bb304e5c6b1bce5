"""Times the inventory of a large database beside SQLAlchemy's own ways, on one server in one run."""

from __future__ import annotations

import contextlib
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, event, inspect
from sqlalchemy.pool import NullPool

from readycheck.drill.scratch import Scratch, folder, scratch
from readycheck.facts.database import DatabaseInventory, Inventory
from readycheck.gather.database import postgresql
from readycheck.gather.database.dialect import Limits
from readycheck.gather.database.gatherer import DatabaseGatherer, Session

TABLES, COLUMNS, RUNS = 2_000, 10, 3
TYPES = ("text", "varchar(255)", "timestamptz", "numeric(12,2)", "boolean", "uuid", "bigint")
#: One way through the delaying proxy, in seconds: half of a round trip of 5 ms.
ONE_WAY = 0.0025


def build(server: Scratch, tables: int) -> None:
    """A chain of foreign keys through all tables and a second one for every other: 3,000; 5,000 indexes with the keys'."""
    with psycopg.connect(host=str(server.folder), user="drill", dbname="postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE large")
    with psycopg.connect(host=str(server.folder), user="drill", dbname="large") as connection:
        for number in range(tables):
            # No two tables have the same columns, as in a real schema.
            extra = ", ".join(f"c{at}_{number} {TYPES[(number + at * at) % len(TYPES)]}" for at in range(COLUMNS - 3))
            up = f"REFERENCES t{number - 1}" if number else ""
            side = f"REFERENCES t{number // 2}" if number % 2 else ""
            connection.execute(
                f"CREATE TABLE t{number} (id int PRIMARY KEY, up int {up}, side int {side}, {extra})".encode()
            )
            connection.execute(f"CREATE INDEX ON t{number} (up)".encode())
            if number % 2:
                connection.execute(f"CREATE INDEX ON t{number} (c0_{number}, c1_{number})".encode())
            if number % 250 == 249:
                connection.commit()
        connection.commit()


@contextlib.contextmanager
def delayed(target: str) -> Iterator[int]:
    """A port on loopback that passes everything on to a unix socket, a little later."""

    def carry(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 20):
                time.sleep(ONE_WAY)
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                server = socket.socket(socket.AF_UNIX)
                server.connect(target)
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=carry, args=pair, daemon=True).start()

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]


def ours(url: str) -> Callable[[], Any]:
    """The whole inventory, after connecting."""
    gatherer = DatabaseGatherer(url)
    limits = Limits(10.0, 5.0)
    connection = postgresql.engine(gatherer.address, limits).__enter__().connect()  # for as long as the process lives

    def ask() -> Inventory:
        found = Session(gatherer, postgresql, connection).answer(DatabaseInventory())
        assert isinstance(found, Inventory), found
        return found

    return ask


def alchemy(url: str, *, multi: bool) -> Callable[[], Any]:
    """SQLAlchemy's Inspector: five kinds of things, in bulk or table by table."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), poolclass=NullPool)
    connection = engine.connect()

    def ask() -> int:
        inspector = inspect(connection)
        if multi:
            found = [inspector.get_multi_columns(), inspector.get_multi_indexes(), inspector.get_multi_foreign_keys()]
            found += [inspector.get_multi_pk_constraint(), inspector.get_multi_unique_constraints()]
            return len(found)
        names = inspector.get_table_names()
        for name in names:
            inspector.get_columns(name)
            inspector.get_indexes(name)
            inspector.get_foreign_keys(name)
            inspector.get_pk_constraint(name)
            inspector.get_unique_constraints(name)
        return len(names)

    return ask


def timed(ask: Callable[[], Any], runs: int) -> tuple[float, int]:
    """Median seconds after a warm-up, and the statements of one run."""
    sent: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    walls = []
    for turn in range(runs + 1):
        if turn == runs:
            event.listen(Engine, "before_cursor_execute", note)
        start = time.perf_counter()
        ask()
        if turn or not runs:
            walls.append(time.perf_counter() - start)
    event.remove(Engine, "before_cursor_execute", note)
    return statistics.median(walls), len(sent)


def main() -> None:
    """Print the table of README.md, measured. `--quick` leaves out the slow ways at a distance."""
    tables = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else TABLES
    with folder() as place, scratch("postgresql", place) as server:
        build(server, tables)
        near = f"postgresql://drill@/large?host={server.folder}"
        print(f"| PostgreSQL {server.version}, {tables:,} tables | statements | loopback, s | ratio | 5 ms away, s |")
        print("|---|---|---|---|---|")
        with delayed(f"{server.folder}/.s.PGSQL.5432") as port:
            far = f"postgresql://drill@127.0.0.1:{port}/large?sslmode=disable"
            mine, sent = timed(ours(near), RUNS)
            print(f"| readycheck: the inventory | {sent} | {mine:.3f} | 1 | {timed(ours(far), RUNS)[0]:.3f} |")
            multi, many = timed(alchemy(near, multi=True), RUNS)
            distant = timed(alchemy(far, multi=True), 1)[0]
            print(f"| SQLAlchemy get_multi_* | {many} | {multi:.3f} | {multi / mine:.1f} | {distant:.3f} |")
            each, most = timed(alchemy(near, multi=False), 1)
            print(f"| SQLAlchemy, table by table | {most} | {each:.3f} | {each / mine:.1f} | – |")


if __name__ == "__main__":
    main()
