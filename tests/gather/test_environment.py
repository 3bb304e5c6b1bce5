"""What is known of an environment, and what never is."""

from __future__ import annotations

import secrets
import string
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from readycheck.errors import TargetError
from readycheck.facts.environment import Environment, Variable
from readycheck.gather.dotenv import LARGEST, parse_dotenv, read_dotenv
from readycheck.gather.environment import EnvironmentGatherer, is_placeholder, randomness
from readycheck.gather.targets import Targets, gatherers

LETTERS = string.ascii_letters + string.digits + "+/_-=#.,:;!@%&*()[]{}<>| "


def look_up(values: dict[str, str], name: str, *, expected: str | None = None, example: str = "") -> Variable:
    question = Environment((name,), ((name, expected),) if expected is not None else ())
    gatherer = EnvironmentGatherer(values, "a test", {name: example} if example else {})
    seen: Variable = next(iter(gatherer.answers([question])))[1].variables[0]
    return seen


def test_a_value_never_becomes_a_fact() -> None:
    value = secrets.token_hex(32)
    answers = list(EnvironmentGatherer({"A": value}, "a test", {"A": value}).answers([Environment(("A", "B"))]))
    assert value not in msgspec.json.encode(answers[0][1]).decode()


def test_a_variable_that_is_not_set_is_absent() -> None:
    assert look_up({"A": "1"}, "B", expected="x") == Variable("B", present=False, expected=False)


def test_an_empty_variable_is_present_and_a_placeholder() -> None:
    seen = look_up({"A": ""}, "A")
    assert (seen.present, seen.length, seen.placeholder, seen.entropy) == (True, 0, True, "low")


def test_an_expected_value_is_compared_unseen() -> None:
    assert look_up({"NODE_ENV": "production"}, "NODE_ENV", expected="production").expected is True
    assert look_up({"NODE_ENV": "development"}, "NODE_ENV", expected="production").expected is False
    assert look_up({"NODE_ENV": "development"}, "NODE_ENV").expected is None


def test_the_value_of_the_example_file_is_known_again() -> None:
    assert look_up({"A": "abc"}, "A", example="abc").example
    assert not look_up({"A": "abd"}, "A", example="abc").example
    assert not look_up({"A": ""}, "A").example


@pytest.mark.parametrize(
    "value",
    [
        "changeme",
        "CHANGE_ME",
        "<new-secret>",
        "your-secret-here",
        "xxx",
        "sk_live_xxxxxxxx",
        "secret",
        "password",
        "Password1",
        "example",
        "test",
        "todo",
        "1234",
        "12345678",
        "replace-me-please",
        "${JWT_SECRET}",
        "{{ jwt_secret }}",
        "[YOUR KEY]",
        "supersecret",
        "my-secret-key",
        "dev-secret",
        "null",
        "********",
        "...",
        "'changeme'",
        "admin123",
        "secret_key",
    ],
)
def test_a_placeholder_is_known(value: str) -> None:
    assert is_placeholder(value)
    assert randomness(value) == "low"


@pytest.mark.parametrize("number", range(200))
def test_random_values_are_no_placeholders(number: int) -> None:
    digest = sha256(str(number).encode()).digest()
    assert randomness(digest.hex()) == "high"
    assert randomness(urlsafe_b64encode(digest).decode()) == "high"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "low"),
        ("abcabcabcabcabcabcabcabcabcabcabcabc", "low"),
        ("2024-01-01", "low"),
        ("kX9vQ2mZr7Lp4Tn8", "medium"),
        ("correct-horse-battery-staple-and-a-few-more-words", "medium"),
        ("kX9vQ2mZr7Lp4Tn8Wb1Yc6Hd3Fs5Gj0AeUoIiNaBqSw=", "high"),
        ("8f14e45fceea167a5a36dedd4bea2543", "high"),
        ("c9f0f895-fb98-ab91-59f5-1fd0297e236d", "high"),
    ],
)
def test_randomness_is_a_class(value: str, wanted: str) -> None:
    assert randomness(value) == wanted


@given(st.text())
def test_any_text_has_a_class_and_may_be_a_placeholder(value: str) -> None:
    assert randomness(value) in {"low", "medium", "high"}
    is_placeholder(value)


@pytest.mark.parametrize("value", ["a" * 500_000, "ab" * 250_000, "__" * 250_000, "%" * 500_000, "[" * 500_000])
def test_a_hostile_value_is_classed_all_the_same(value: str) -> None:
    assert randomness(value)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A=1", {"A": "1"}),
        ("export A=1", {"A": "1"}),
        (" A = 1 ", {"A": "1"}),
        ("A: 1", {"A": "1"}),
        ("A=", {"A": ""}),
        ("A", {}),
        ("# A=1", {}),
        ("A=1 # one", {"A": "1"}),
        ("A=1#2", {"A": "1#2"}),
        ("A=#", {"A": ""}),
        ("A='1 # 2'", {"A": "1 # 2"}),
        ('A="1 # 2" # three', {"A": "1 # 2"}),
        ("A='\\n'", {"A": "\\n"}),
        ('A="\\n"', {"A": "\n"}),
        ('A="a\\"b"', {"A": 'a"b'}),
        ('A="a\\\\"\nB=2', {"A": "a\\", "B": "2"}),
        ('A="one\ntwo"\nB=2', {"A": "one\ntwo", "B": "2"}),
        ("A='one\ntwo'\nB=2", {"A": "one\ntwo", "B": "2"}),
        ("A=`one`", {"A": "one"}),
        ('A="open\nB=2', {"A": '"open', "B": "2"}),
        ("A=1\r\nB=2\rC=3", {"A": "1", "B": "2", "C": "3"}),
        ("A=1\nA=2", {"A": "2"}),
        ("A=$(rm -rf /)", {"A": "$(rm -rf /)"}),
        ("1A=1\n-=2\n=3\nB=4", {"B": "4"}),
        ("A=b=c", {"A": "b=c"}),
    ],
)
def test_a_dotenv_text_is_read_as_its_libraries_read_it(text: str, wanted: dict[str, str]) -> None:
    assert parse_dotenv(text) == wanted


@given(st.dictionaries(st.from_regex(r"[A-Z_][A-Z0-9_]{0,10}", fullmatch=True), st.text(LETTERS), max_size=5))
def test_values_in_single_quotes_come_back_as_they_are(values: dict[str, str]) -> None:
    assert parse_dotenv("\n".join(f"{name}='{value}'" for name, value in values.items())) == values


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    parse_dotenv(text)


@pytest.mark.parametrize(
    "text", ['A="' * 30_000, "A='" * 30_000, "\\" * 90_000, 'A="' + '\\"' * 45_000, "export " * 13_000]
)
def test_a_hostile_text_is_read_to_its_end(text: str) -> None:
    parse_dotenv(text)


def test_a_file_that_is_no_dotenv_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"A=1\n" * (LARGEST // 4 + 1))
    (tmp_path / "binary").write_bytes(b"\x7fELF\0\0")
    for path in (tmp_path / "large", tmp_path / "binary", tmp_path / "missing", tmp_path):
        with pytest.raises(TargetError):
            read_dotenv(path)


def test_a_file_is_read_with_its_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("\ufeffA=1\n".encode())
    assert read_dotenv(tmp_path / ".env") == {"A": "1"}


def test_the_example_of_the_repository_is_compared(tmp_path: Path) -> None:
    (tmp_path / ".env.example").write_text("JWT_SECRET=from-the-readme\n")
    (tmp_path / "live.env").write_text("JWT_SECRET=from-the-readme\n")
    (found,) = [
        one
        for one in gatherers(Targets(repository=str(tmp_path), environment=str(tmp_path / "live.env")))
        if one.target == "environment"
    ]
    answer = next(iter(found.answers([Environment(("JWT_SECRET",))])))[1]
    assert answer.variables[0].example
    assert answer.total == 1


def test_the_environment_of_the_process_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READYCHECK_TEST_VALUE", "1")
    (found,) = gatherers(Targets(environment="process"))
    answer = next(iter(found.answers([Environment(("READYCHECK_TEST_VALUE",))])))[1]
    assert answer.variables[0].present
    assert answer.source == "the environment of this process"
