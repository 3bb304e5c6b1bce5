"""What the repository says of its migrations: which tool, which names, which way back, which indexes."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readycheck.facts.migrations import (
    MigrationFile,
    MigrationSet,
    MigrationSets,
    RepositoryIndexes,
    RepositoryMigrations,
    SourceIndexes,
)
from readycheck.gather.migrations.bodies import sql_does_something
from readycheck.gather.migrations.gatherer import MigrationsGatherer
from readycheck.gather.migrations.scripts import flyway_checksum
from readycheck.gather.sources import Sources
from readycheck.gather.tree import MemoryTree


def sets(files: dict[str, str]) -> tuple[MigrationSet, ...]:
    ((_, found),) = MigrationsGatherer(Sources(MemoryTree(files))).answers([RepositoryMigrations()])
    assert isinstance(found, MigrationSets)
    return found.sets


def indexes(files: dict[str, str]) -> set[tuple[str, tuple[str, ...], str]]:
    ((_, found),) = MigrationsGatherer(Sources(MemoryTree(files))).answers([RepositoryIndexes()])
    assert isinstance(found, SourceIndexes)
    return {(index.table, index.columns, index.name) for index in found.indexes}


def one(files: dict[str, str]) -> MigrationFile:
    ((file,),) = (found.files for found in sets(files))
    return file


@pytest.mark.parametrize(
    ("path", "text", "system", "name"),
    [
        ("migrations/1-a.js", "module.exports = {up(queryInterface) {}}", "sequelize", "1-a.js"),
        (
            "src/1690000000000-A.ts",
            "export class Aa1690000000000 implements MigrationInterface { }",
            "typeorm",
            "Aa1690000000000",
        ),
        ("database/migrations/2025_01_01_a.php", "<?php return new class {};", "laravel", "2025_01_01_a"),
        ("loans/migrations/0001_a.py", "class Migration:\n    pass", "django", "loans.0001_a"),
        ("db/migrate/20250101000000_a.rb", "class A\n def change\n end\nend", "rails", "20250101000000"),
        ("db/V1_2__add.sql", "SELECT 1;", "flyway", "1.2"),
        ("db/R__views.sql", "SELECT 1;", "flyway", "views"),
        ("db/00003_a.sql", "-- +goose Up\nSELECT 2;", "goose", "3"),
        ("db/000007_a.up.sql", "SELECT 2;", "golang-migrate", "7"),
        ("db/20250101_a.sql", "-- migrate:up\nSELECT 2;", "dbmate", "20250101"),
        (
            "db/changelog.sql",
            "--liquibase formatted sql\n--changeset me:1\nSELECT 2;",
            "liquibase",
            "1::me::changelog.sql",
        ),
        (
            "db/changelog.yaml",
            "databaseChangeLog:\n - changeSet: {id: 1, author: me, changes: [{createTable: {}}]}",
            "liquibase",
            "1::me::changelog.yaml",
        ),
        (
            "db/changelog.xml",
            '<databaseChangeLog xmlns="u"><changeSet id="1" author="me"><createTable/></changeSet></databaseChangeLog>',
            "liquibase",
            "1::me::changelog.xml",
        ),
    ],
)
def test_each_tool_is_told_by_what_it_writes(path: str, text: str, system: str, name: str) -> None:
    ((found),) = sets({path: text})
    assert (found.system, [file.name for file in found.files]) == (system, [name])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "migrations/a.js",
            "exports.up = (queryInterface) => 1; exports.down = async (q) => { await q.dropTable('a'); };",
        ),
        ("migrations/a.js", "module.exports = {up: (queryInterface) => 1, down: (q) => q.dropTable('a')};"),
        (
            "migrations/a.ts",
            (
                "export async function up(queryInterface: Q) {}\n"
                "export async function down(q: Q): Promise<void> { await q.drop(); }"
            ),
        ),
        (
            "loans/migrations/0001_a.py",
            "class Migration:\n    operations = [migrations.RunPython(a, b), migrations.RunSQL('x', reverse_sql='y')]",
        ),
        (
            "db/changelog.sql",
            "--liquibase formatted sql\n--changeset me:1\nDROP TABLE a;\n--rollback CREATE TABLE a (b int);",
        ),
        (
            "db/changelog.xml",
            "<databaseChangeLog><changeSet id='1' author='me'><sql>x</sql><rollback>y</rollback></changeSet></databaseChangeLog>",
        ),
        ("db/migrate/1_a.rb", "class A\n  def up\n    execute 'x'\n  end\n  def down\n    execute 'y'\n  end\nend"),
    ],
)
def test_a_way_back_that_does_something_is_one(path: str, text: str) -> None:
    assert one({path: text}).way_back is True


@pytest.mark.parametrize(
    ("path", "text", "note"),
    [
        ("migrations/a.js", "exports.up = (queryInterface) => 1;", "it has no `down`"),
        (
            "migrations/a.js",
            "// exports.down = () => q.drop()\nexports.up = (queryInterface) => 1;",
            "it has no `down`",
        ),
        (
            "migrations/a.js",
            "exports.up = (queryInterface) => 1; exports.down = () => Promise.resolve();",
            "its `down` does nothing",
        ),
        (
            "migrations/a.js",
            "exports.up = (queryInterface) => 1; exports.down = () => { throw new Error('no'); };",
            "its `down` does nothing",
        ),
        (
            "db/migrate/1_a.rb",
            "class A\n  def change\n    execute 'x'\n  end\nend",
            "`execute` in `change` cannot be taken back",
        ),
        (
            "db/migrate/1_a.rb",
            "class A\n  def up\n  end\n  def down\n    raise ActiveRecord::IrreversibleMigration\n  end\nend",
            "its `down` does nothing or refuses",
        ),
        ("loans/migrations/0001_a.py", "class Migration:\n    operations = [RunSQL('x')]", "RunSQL has no reverse_sql"),
        ("db/V1__a.sql", "CREATE TABLE a (b int);", "there is no undo file (U) of this version"),
        (
            "db/changelog.xml",
            "<databaseChangeLog><changeSet id='1' author='me'><dropTable/></changeSet></databaseChangeLog>",
            "dropTable is not taken back by itself, and there is no rollback",
        ),
    ],
)
def test_a_way_back_that_does_nothing_is_none(path: str, text: str, note: str) -> None:
    found = one({path: text})
    assert (found.way_back, found.note) == (False, note)


def test_alembic_follows_its_own_order() -> None:
    (found,) = sets(
        {
            "alembic.ini": "[alembic]\nscript_location = %(here)s/db\n",
            "db/versions/a.py": (
                'revision: str = "a"\n'
                "down_revision: str | None = None\n"
                "def downgrade():\n"
                '    """Nothing."""\n'
                "    pass\n"
            ),
            "db/versions/m.py": (
                "revision = 'm'\ndown_revision = ('a', 'b')\ndef downgrade():\n    op.drop_table('x')\n"
            ),
        }
    )
    files = {file.name: file for file in found.files}
    assert (files["a"].follows, files["a"].way_back) == ((), False)
    assert (files["m"].follows, files["m"].way_back) == (("a", "b"), True)


def test_a_document_that_is_made_to_be_hostile_ends_quietly() -> None:
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    bomb = entities + '<databaseChangeLog><changeSet id="&b;"/></databaseChangeLog>'
    deep = "databaseChangeLog: " + "[" * 5000
    assert sets(
        {"db/changelog.xml": bomb, "db/changelog.yaml": deep, "alembic.ini": "", "alembic/versions/a.py": "(" * 9000}
    ) == (MigrationSet("alembic", "alembic/versions", configured_in="alembic.ini"),)


@given(
    st.lists(
        st.text(
            st.characters(codec="utf-8", exclude_characters="\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), max_size=20
        )
    )
)
def test_the_checksum_of_flyway_counts_lines_without_their_ends(lines: list[str]) -> None:
    text = "\n".join(lines)
    unix, windows = (text.replace("\n", end).encode() for end in ("\n", "\r\n"))
    assert flyway_checksum(unix) == flyway_checksum(windows)
    assert int(flyway_checksum(unix)) % 2**32 == zlib.crc32("".join(text.split("\n")).encode()) or text.startswith(
        "\ufeff"
    )


@given(st.text(alphabet="-/* \nabSELCT1;", max_size=60))
def test_comments_do_nothing(text: str) -> None:
    assert not sql_does_something(f"-- {text.replace(chr(10), ' ')}\n")
    assert sql_does_something(f"-- x\nDROP TABLE a;\n{text}")


def test_indexes_are_found_where_tools_declare_them() -> None:
    assert indexes(
        {
            "schema.sql": (
                'CREATE UNIQUE INDEX CONCURRENTLY "i 1" ON public."User" USING btree ("a", b DESC);\n'
                "CREATE NONCLUSTERED INDEX i2 ON dbo.loan([x]) INCLUDE (y);"
            ),
            "db/migrate/1_a.rb": (
                "add_index :loan, [:a, :b], unique: true\n"
                "add_index 'loan', :c, name: 'named'\n"
                "# add_index :loan, :never\n"
            ),
            "alembic/versions/a.py": (
                "op.create_index(op.f('ix_loan_d'), 'loan', ['d'], unique=False)\n"
                "op.create_index('p', 'loan', ['e'], postgresql_where=x)\n"
            ),
            "migrations/1.js": "await q.addIndex(`loan`, ['f', 'g'], { name: 'fg' });",
            "prisma/schema.prisma": (
                "model Loan {\n"
                "  id Int @id\n"
                '  a Int @map("a_col")\n'
                "  b Int\n"
                '  @@index([a, b(sort: Desc)], map: "ab")\n'
                "}\n"
            ),
            "db/1_a.down.sql": "CREATE INDEX back ON loan (z);",
        }
    ) == {
        ("public.User", ("a", "b"), "i 1"),
        ("dbo.loan", ("x",), "i2"),
        ("loan", ("a", "b"), ""),
        ("loan", ("c",), "named"),
        ("loan", ("d",), "ix_loan_d"),
        ("loan", ("f", "g"), "fg"),
        ("Loan", ("a_col", "b"), "ab"),
    }
