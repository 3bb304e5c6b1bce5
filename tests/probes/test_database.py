from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from readycheck.catalogue import load_catalogue
from readycheck.facts.database import (
    Column,
    DatabaseInventory,
    Index,
    IndexState,
    Inventory,
    Key,
    Rows,
    SqlRows,
    Table,
    TableSeen,
    TablesFilled,
    TablesSeen,
)
from readycheck.facts.question import FactUnavailable, Question, Unavailable
from readycheck.facts.store import Answer, Audited, Facts, dump, load
from readycheck.model import Outcome, Target
from readycheck.probes.database import ConnectionEncrypted, DuplicateIndexes, IndexesDeclared, TablesHaveRows
from readycheck.probes.declaring import DeclaredIndex
from readycheck.probes.probe import Judgement, Probe
from readycheck.probes.sql import NoRows, Statements, Value

ONE = Statements(any="SELECT 1")


def facts(*pairs: tuple[Question[Any], Any]) -> Facts:
    answers = {question: Answer(value) for question, value in pairs}
    return Facts(answers, collected_at="2026-03-01T12:00:00+00:00", audited=[Audited(Target.DATABASE, "here")])


def judged(probe: Probe, *answers: Any) -> Judgement:
    return probe.judge(facts(*zip(probe.questions(), answers, strict=True)))


def rows(*cells: tuple[str | None, ...], columns: tuple[str, ...] = ("name",), truncated: bool = False) -> Rows:
    return Rows("postgresql", columns, cells, truncated)


def table(name: str, *indexes: Index, schema: str = "public", columns: str = "id mobile status") -> Table:
    made = tuple(Column(column, "text", nullable=True) for column in columns.split())
    return Table(schema, name, made, indexes=indexes)


def index(name: str, *columns: str, **more: Any) -> Index:
    return Index(name, tuple(map(Key, columns)), **more)


def declared(tables: list[Table], table: str, *columns: str, name: str = "", dialect: str = "postgresql") -> str:
    probe = IndexesDeclared((DeclaredIndex(table, columns, name),))
    judgement = judged(probe, Inventory(dialect, "1", tuple(tables)))
    assert (judgement.outcome is Outcome.PASS) == (": present" in judgement.findings[0].message), judgement
    return " · ".join(finding.message for finding in judgement.findings)


def test_a_declared_index_is_present_under_its_name() -> None:
    assert declared([table("user", index("i", "mobile"))], "user", "mobile", name="i") == "i on user(mobile): present"


def test_a_declared_index_is_present_under_another_name() -> None:
    told = declared([table("user", index("other", "mobile", "id"))], "user", "mobile", name="i")
    assert told == "i on user(mobile): present under another name (other)"


def test_the_name_may_be_taken_by_an_index_on_other_columns() -> None:
    elsewhere = table("loan", index("I", "status"))
    told = declared([table("user"), elsewhere], "user", "mobile", name="i")
    assert told == "i on user(mobile): its name is taken by an index on other columns (it is on public.loan(status))"
    assert ": missing" in declared([table("user"), elsewhere], "user", "mobile", name="i", dialect="mysql")


@pytest.mark.parametrize(
    ("found", "note"),
    [
        (index("x", "mobile", partial=True), "covers some rows only"),
        (index("x", "mobile", method="hash"), "is a hash index"),
        (Index("x", (Key("mobile", collation="C"),)), "sorts otherwise"),
        (Index("x", (Key("mobile", operators="text_pattern_ops"),)), "sorts otherwise"),
        (Index("x", (Key(expression="lower(mobile)"),)), "missing"),
        (index("x", "id", "mobile"), "missing"),
    ],
)
def test_what_only_looks_like_the_declared_index_is_missing_it(found: Index, note: str) -> None:
    told = declared([table("user", found)], "user", "mobile")
    assert told.startswith("user(mobile): missing")
    assert note in told


def test_columns_in_another_order_are_another_index() -> None:
    told = declared([table("user", index("x", "mobile", "status"))], "user", "status", "mobile")
    assert "x has these columns in another order" in told


@pytest.mark.parametrize("state", [IndexState.INVALID, IndexState.BUILDING, IndexState.IGNORED, IndexState.UNSURE])
def test_an_index_that_the_server_does_not_use_is_not_there(state: IndexState) -> None:
    told = declared([table("user", index("x", "mobile", state=state))], "user", "mobile")
    assert told == f"user(mobile): only there as an index that the server does not use (x is {state})"


def test_an_index_on_nothing_cannot_exist() -> None:
    assert "there is no table loan" in declared([table("user")], "loan", "mobile")
    assert "that this login sees" in declared([table("user")], "loan", "mobile", dialect="mariadb")
    assert "public.user has no column phone" in declared([table("user")], "user", "phone")


@pytest.mark.parametrize(
    ("tables", "dialect", "there"),
    [
        (["userLoans"], "postgresql", True),
        (["userloans"], "postgresql", True),
        (["USERLOANS"], "mysql", True),
        (["UserLoans", "USERLOANS"], "postgresql", False),
        (["userloans", "USERLOANS"], "postgresql", True),
        (["userloans", "USERLOANS"], "sqlite", False),
    ],
)
def test_names_are_folded_as_the_dialect_folds_them(tables: list[str], dialect: str, there: bool) -> None:
    made = [table(name, index(f"i{at}", "mobile"), schema="") for at, name in enumerate(tables)]
    assert (": present" in declared(made, "userLoans", "MOBILE", dialect=dialect)) is there


def test_the_schema_decides_which_table_is_meant() -> None:
    tables = [table("users", schema="auth"), table("users", index("i", "mobile"))]
    assert ": present" in declared(tables, "users", "mobile")
    assert ": missing" in declared(tables, "auth.users", "mobile")
    apart = [table("users", schema="one"), table("users", index("i", "mobile"), schema="two")]
    assert declared(apart, "users", "mobile") == "users(mobile): missing"


@pytest.mark.parametrize("indexes", [(), (("", "a"),), (("t",),), (("t", " "),)])
def test_a_declaration_of_nothing_is_refused(indexes: tuple[tuple[str, ...], ...]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        IndexesDeclared(tuple(DeclaredIndex(name, columns) for name, *columns in indexes))  # type: ignore[arg-type]


def test_what_could_not_be_read_of_an_index_equals_nothing() -> None:
    unread = [Index(name, (Key(),)) for name in ("a", "b")]
    hidden = [index(name, "id", partial=True) for name in ("c", "d")]
    inventory = Inventory("postgresql", "15", (table("t", *unread, *hidden),))
    assert judged(DuplicateIndexes(), inventory).outcome is Outcome.PASS


KEYS = st.builds(
    Key,
    st.sampled_from("abc"),
    descending=st.booleans(),
    length=st.sampled_from([0, 0, 5]),
    collation=st.sampled_from(["", "", "C"]),
)
INDEXES = st.lists(
    st.builds(
        Index,
        st.text("abcdef", min_size=1, max_size=3),
        st.lists(KEYS, min_size=1, max_size=3).map(tuple),
        unique=st.booleans(),
        constraint=st.booleans(),
        method=st.sampled_from(["btree", "btree", "hash"]),
        state=st.sampled_from(IndexState),
        nulls_distinct=st.booleans(),
        includes=st.lists(st.sampled_from("abc"), max_size=1).map(tuple),
    ),
    max_size=5,
    unique_by=lambda index: index.name,
)


@given(INDEXES)
def test_dropping_every_superfluous_index_loses_neither_a_rule_nor_a_way_to_search(indexes: list[Index]) -> None:
    judgement = judged(DuplicateIndexes(), Inventory("postgresql", "15", (table("t", *indexes),)))
    dropped = {finding.location.object.rpartition(".")[2] for finding in judgement.findings}
    kept = [index for index in indexes if index.name not in dropped and index.usable]
    for index in indexes:
        if index.name in dropped:
            served = [other for other in kept if other.columns[: len(index.keys)] == index.columns]
            assert served, index
            if index.unique:
                assert any(other.unique and other.keys == index.keys for other in served)
            if index.constraint:
                assert any(other.constraint for other in served)


@pytest.mark.parametrize(
    ("inventory", "outcome"),
    [
        (Inventory("postgresql", "15", (), encrypted=True), Outcome.PASS),
        (Inventory("postgresql", "15", (), encrypted=False), Outcome.FAIL),
        (Inventory("postgresql", "15", (), encrypted=None), Outcome.UNKNOWN),
        (Inventory("mysql", "8", (), encrypted=False, local=True), Outcome.NOT_APPLICABLE),
        (Inventory("mysql", "8", (), encrypted=True, local=True), Outcome.PASS),
        (Inventory("sqlite", "3", (), local=True), Outcome.NOT_APPLICABLE),
    ],
)
def test_a_connection_is_encrypted_or_does_not_leave_the_machine(inventory: Inventory, outcome: Outcome) -> None:
    assert judged(ConnectionEncrypted(), inventory).outcome is outcome


@pytest.mark.parametrize(
    ("tables", "searched", "outcome"),
    [
        ((TableSeen("a", None, "denied"), TableSeen("b", filled=True)), 9, Outcome.PASS),
        ((TableSeen("a", None, "denied"), TableSeen("b", filled=False)), 9, Outcome.UNKNOWN),
        ((TableSeen("b", filled=False),), 9, Outcome.FAIL),
        ((), 9, Outcome.FAIL),
        ((), 0, Outcome.UNKNOWN),
    ],
)
def test_one_table_with_rows_is_enough(tables: tuple[TableSeen, ...], searched: int, outcome: Outcome) -> None:
    assert judged(TablesHaveRows(("audit*",)), TablesSeen(tables, searched)).outcome is outcome


@pytest.mark.parametrize("patterns", [(), ("",), ("*",), ("audit*", " ")])
def test_a_pattern_that_matches_everything_or_nothing_is_refused(patterns: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="pattern"):
        TablesHaveRows(patterns)


def no_rows(finding: str = "{name} is wrong") -> NoRows:
    return NoRows(sql=ONE, among=Statements(any="SELECT 2"), what="things", finding=finding, object="{name}")


def test_each_row_is_a_finding() -> None:
    judgement = judged(no_rows(), rows(("a",), (None,), truncated=True), rows(("7",)))
    assert [finding.message for finding in judgement.findings] == ["a is wrong", "NULL is wrong"]
    assert judgement.findings[0].location.object == "a"
    assert judgement.examined == "7 things; only the first 2 are shown"


@pytest.mark.parametrize("size", [rows(), rows((None,)), rows(("0",)), rows(("many",)), rows(("nan",))])
def test_no_rows_among_nothing_prove_nothing(size: Rows) -> None:
    assert judged(no_rows(), rows(), size).outcome is Outcome.UNKNOWN
    assert judged(no_rows(), rows(), rows(("1",))).outcome is Outcome.PASS


@given(st.text(max_size=40))
def test_a_value_is_never_read_as_a_template(value: str) -> None:
    judgement = judged(no_rows("{name}!"), rows((value,)), rows(("1",)))
    assert judgement.findings[0].message == f"{value}!"


def test_a_template_with_a_column_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FactUnavailable) as caught:
        judged(no_rows("{nome}"), rows(("x",)), rows(("1",)))
    assert caught.value.unavailable == Unavailable(Outcome.ERROR, "the statement gives no column nome")


def test_rows_that_nobody_counts_are_refused() -> None:
    counted = Statements(mysql="SELECT 1")
    with pytest.raises(ValueError, match="postgresql"):
        NoRows(sql=Statements(postgresql="SELECT 1"), among=counted, what="x", finding="x")
    with pytest.raises(ValueError, match="must say something"):
        NoRows(sql=ONE, among=ONE, what=" ", finding="x")
    assert NoRows(sql=Statements(mariadb="SELECT 1"), among=counted, what="x", finding="x").questions()


@pytest.mark.parametrize(
    ("rule", "cell", "outcome"),
    [
        ({"equals": "on"}, "on", Outcome.PASS),
        ({"equals": "on"}, "off", Outcome.FAIL),
        ({"one_of": ("a", "b")}, "b", Outcome.PASS),
        ({"one_of": ("a", "b")}, "c", Outcome.FAIL),
        ({"matches": r"^1[5-9]\."}, "15.18", Outcome.PASS),
        ({"matches": r"^1[5-9]\."}, "9.6", Outcome.FAIL),
        ({"at_least": 1.0}, "1", Outcome.PASS),
        ({"at_least": 1.0}, "0.9", Outcome.FAIL),
        ({"at_most": 80.0}, "80.0", Outcome.PASS),
        ({"at_most": 80.0}, "80.1", Outcome.FAIL),
        ({"at_least": 1.0, "at_most": 2.0}, "3", Outcome.FAIL),
        ({"at_most": 80.0}, "much", Outcome.UNKNOWN),
        ({"at_most": 80.0}, "nan", Outcome.UNKNOWN),
        ({"at_least": 80.0}, "inf", Outcome.UNKNOWN),
        ({"equals": "on"}, None, Outcome.UNKNOWN),
    ],
)
def test_a_value_compares_as_it_should(rule: dict[str, Any], cell: str | None, outcome: Outcome) -> None:
    judgement = judged(Value(sql=ONE, what="it", finding="it is {value}, {name}", **rule), rows((cell,)))
    assert judgement.outcome is outcome
    if outcome is Outcome.FAIL:
        assert judgement.findings[0].message == f"it is {cell}, {cell}"


@pytest.mark.parametrize("absent", [Outcome.UNKNOWN, Outcome.FAIL, Outcome.NOT_APPLICABLE])
def test_no_row_has_the_outcome_that_the_check_says(absent: Outcome) -> None:
    assert judged(Value(sql=ONE, what="it", equals="on", absent=absent), rows()).outcome is absent


@pytest.mark.parametrize(
    "rule",
    [{}, {"equals": "x", "absent": Outcome.PASS}, {"matches": "("}, {"matches": "(a+)+$"}, {"matches": "(a|a)*"}],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Value(sql=ONE, what="it", **rule)


def test_statements_that_write_are_refused_when_the_check_loads() -> None:
    with pytest.raises(ValueError, match="only"):
        Statements(postgresql="UPDATE t SET a = 1")
    with pytest.raises(ValueError, match="needed"):
        Statements(mysql=" ")


def test_facts_of_a_database_can_be_saved_and_read_again() -> None:
    inventory = Inventory(
        "postgresql", "15", (table("t", index("i", "id", partial=True, not_null=("id",))),), encrypted=True
    )
    found = facts(
        (DatabaseInventory(), inventory),
        (SqlRows((("any", "SELECT 1"),)), rows((None,), ("x",))),
        (TablesFilled(("audit*",)), TablesSeen((TableSeen("a", None, "denied"),), 3)),
    )
    assert load(dump(found), "facts.json").answers == found.answers


def test_every_check_on_databases_can_be_hashed_and_compared() -> None:
    checks = [check for check in load_catalogue().checks.values() if check.target is Target.DATABASE]
    assert len({check.probe for check in checks}) == len(checks) >= 25
    assert all(msgspec.json.encode(check.probe) for check in checks)
