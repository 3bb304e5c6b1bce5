from __future__ import annotations

import pytest
from support.servers import Server, fresh

from readycheck.facts.database import DatabaseInventory, Inventory
from readycheck.gather.database.gatherer import DatabaseGatherer

pytest_plugins = ["support.database_fixtures"]


def test_pg(postgresql: Server) -> None:
    with fresh(
        postgresql,
        "one",
        "create table a(id int primary key, b text)",
        "create index i on a(lower(b), id desc) where b is not null",
        "create index j on a(b) include (id) where b is not null",
    ) as url:
        for _, a in DatabaseGatherer(url, timeout=5).answers([DatabaseInventory()]):
            print(a)
            assert isinstance(a, Inventory)


def test_maria(mariadb: Server) -> None:
    with fresh(
        mariadb,
        "one",
        "create table a(id int primary key, b text, index i (b(10)))",
        "create table c(a_id int, foreign key (a_id) references a(id))",
    ) as url:
        for _, a in DatabaseGatherer(url, timeout=5).answers([DatabaseInventory()]):
            print(a)
            assert isinstance(a, Inventory)
