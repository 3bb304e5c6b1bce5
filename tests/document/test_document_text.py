from __future__ import annotations

import pytest

from readycheck.document.blocks import read_blocks
from readycheck.document.mojibake import repair
from readycheck.document.parse import parse
from readycheck.document.secrets import without_secrets
from readycheck.document.text import LARGEST, LONGEST_LINE, read_text
from readycheck.errors import UsageError


def misread(text: str, codec: str) -> str:
    return "".join(_character(byte, codec) for byte in text.encode())


def _character(byte: int, codec: str) -> str:
    try:
        return bytes([byte]).decode(codec)
    except UnicodeDecodeError:
        return chr(byte)


@pytest.mark.parametrize("codec", ["mac_roman", "cp1252", "latin-1"])
@pytest.mark.parametrize("text", ["✅ Sécurité – prêt 🚀", "⚠️ naïve", "☐ 生产环境", "Проверка ✅"])
def test_mojibake_is_put_right_and_good_text_stays(text: str, codec: str) -> None:
    assert repair(misread(text, codec)).text == text
    assert repair(text).sequences == 0
    assert repair(f"{text}\n{misread(text, codec)}").text == f"{text}\n{text}"


@pytest.mark.parametrize("text", ["CAFÉ… “É”", "Ü€ À–É", "2 ± 1 × 3 µs", "São João", "n° 5 §"])
def test_text_that_only_looks_odd_stays(text: str) -> None:
    assert repair(text).text == text


def test_what_was_mended_is_said() -> None:
    assert any("Mac Roman" in note.text for note in read_text(misread("## ✅ A", "mac_roman").encode(), "x").notes)


def test_control_characters_and_terminal_escapes_are_taken_out() -> None:
    text = read_text(b"- [x] \x1b[31mred\x1b[0m \x1b]0;title\x07 \x08bell \xe2\x80\xaeevil\n", "x")
    assert text.lines == ("- [x] red  bell evil",)
    assert text.notes[0].line == 1


def test_a_file_that_is_no_text_or_far_too_large_is_refused() -> None:
    with pytest.raises(UsageError, match="zero bytes"):
        read_text(b"\x00" * 20, "x")
    with pytest.raises(UsageError, match="larger than"):
        read_text(b"a" * (LARGEST + 1), "x")


def test_other_encodings_are_read() -> None:
    assert read_text("- [x] é".encode("utf-16"), "x").lines == ("- [x] é",)
    assert read_text("- [x] é".encode("cp1252"), "x").lines == ("- [x] é",)


def test_a_line_of_millions_of_characters_is_kept_and_not_read() -> None:
    long = "- [x] " + "a" * LONGEST_LINE
    document = parse(f"{long}\n- [ ] b\n".encode(), "x")
    assert [item.text for item in document.items] == ["b"]
    assert document.lines[0] == long


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("DB_PASSWORD=hunter2hunter2", False),
        ("postgres://app:p4ssw0rd@db.internal/loans", False),
        ("- Password: Sup3rS3cret!", False),
        ("- **Password**: Sup3rS3cret!", False),
        ("| Password | ClmSecure2026Pass | x |", False),
        ("key: sk_live_abcdefghijkl1234", False),
        ("JWT_SECRET=<new-secret>", True),
        ("JWT_SECRET=your-secret-key-here", True),
        ("DATABASE_URL=postgresql://user:password@host:5432/db", True),
        ("API_KEY=${API_KEY}", True),
        ("- Token: validated on every request", True),
        ("- [x] Password reset works", True),
    ],
)
def test_a_live_credential_is_never_copied_and_a_placeholder_is(line: str, kept: bool) -> None:
    (masked,), notes = without_secrets([line])
    assert (masked == line) is kept
    assert bool(notes) is not kept


def test_a_private_key_is_taken_out_line_by_line() -> None:
    lines = ["-----BEGIN RSA PRIVATE KEY-----", "MIIEowIBAAKC", "-----END RSA PRIVATE KEY-----", "after"]
    masked, _ = without_secrets(lines)
    assert "MIIE" not in "".join(masked)
    assert len(masked) == len(lines)
    assert masked[3] == "after"


def test_a_shell_that_ate_the_backticks_left_code() -> None:
    blocks = read_blocks(["\\\\\\bash", "# not a heading", "\\\\\\", "- [x] one"])
    assert [type(block).__name__ for block in blocks.blocks] == ["Code", "Line"]
