from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readycheck.redact import entropy, mask, redact, redact_url

SECRET = "k9Xw2" + "QpL7mZt4Vb8Rn"


@pytest.mark.parametrize(
    "text",
    [
        "JWT_SECRET={}",
        "export DB_PASSWORD='{}'",
        'password: "{}"',
        '"apiKey": "{}",',
        "secret: '{}',",
        "postgres://app:{}@db.internal/loans",
        "AKIA" + "ABCDEFGHIJKLMNOP {}"[:0] + "{}",
        "const token = '{}';",
        "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n{}",
        "github_token => {}",
    ],
)
def test_a_secret_leaves_no_more_than_its_length(text: str) -> None:
    prefixed = "ABCDEFGHIJKLMNOP" if text.startswith("AKIA") else SECRET
    shown = redact(text.format(prefixed))
    assert prefixed not in shown
    assert prefixed[:6] not in shown


@pytest.mark.parametrize(
    "text",
    [
        "secret: process.env.SESSION_SECRET_KEY,",
        "password: ${DB_PASSWORD}",
        "JWT_SECRET=<new-secret>",
        "token: os.environ['TOKEN']",
        "app.use(express.json());",
        "https://service.example/path",
        "the secret is out",
    ],
)
def test_references_and_plain_text_stay(text: str) -> None:
    assert redact(text) == text


@given(st.text(max_size=300))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@given(st.text(string.ascii_letters + string.digits, min_size=8, max_size=64))
def test_whatever_is_called_a_password_is_masked(value: str) -> None:
    assert redact(f"password={value}") == f"password={mask(value)}"


def test_a_url_is_named_without_what_must_not_show() -> None:
    assert (
        redact_url("postgresql://app:hunter2@db:5432/loans?sslpassword=x")
        == "postgresql://[redacted]@db:5432/loans?[redacted]"
    )
    assert redact_url("https://service.example/") == "https://service.example/"


def test_entropy_is_in_bits_a_character() -> None:
    assert entropy("") == 0
    assert entropy("aaaa") == 0
    assert entropy("abcd") == 2
