from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readycheck.gather.comments import LONGEST_LINE, lines, without_comments


@pytest.mark.parametrize(
    ("path", "text", "kept"),
    [
        ("a.yml", "key: value # why", "key: value"),
        ("a.yml", "url: http://example.org/#part", "url: http://example.org/#part"),
        ("a.yml", "text: 'a # b' # c", "text: 'a # b'"),
        ("a.yml", "text: don't # c", "text: don't"),
        ("Dockerfile", "  # USER node", ""),
        ("a.sh", 'echo "#1" # one', 'echo "#1"'),
        (".env", "KEY=a#b", "KEY=a#b"),
        ("a.toml", "key = 1# why", "key = 1"),
        ("a.js", "call('http://x') // why", "call('http://x')"),
        ("a.js", "fetch(http://x)", "fetch(http://x)"),
        ("a.js", "a /* b */ c", "a  c"),
        ("a.php", "$a; # why", "$a;"),
        ("a.php", "#[Test]", "#[Test]"),
        ("a.tf", "a = 1 # b", "a = 1"),
        ("a.sql", "select 1 -- one", "select 1"),
        ("a.css", "a { } /* b */", "a { }"),
        ("a.ini", "; off", ""),
        ("a.properties", "! off", ""),
        ("a.properties", "color=#fff", "color=#fff"),
        ("a.md", "shown <!-- hidden -->", "shown"),
        ("a.md", "# Title", "# Title"),
        ("a.rst", ".. hidden", ""),
        ("a.rst", ".. image:: a.png", ".. image:: a.png"),
        ("results.csv", "a#b # c", "a#b # c"),
        ("requirements.txt", "flask # web", "flask"),
        ("Jenkinsfile", "sh 'npm test' // run", "sh 'npm test'"),
    ],
)
def test_comments_are_left_out_and_what_looks_like_them_is_kept(path: str, text: str, kept: str) -> None:
    assert without_comments(text, path) == [kept]


def test_a_block_comment_hides_every_line_that_it_spans() -> None:
    assert without_comments("a\nb /* c\nd\ne */ f\ng", "a.js") == ["a", "b", "", " f", "g"]
    assert without_comments("<!--\n# Install\nnpm ci\n-->\n# Run", "README.md") == ["", "", "", "", "# Run"]


def test_a_long_line_is_cut() -> None:
    assert [len(line) for line in lines("a" * 10_000 + "\nb\r\n")] == [LONGEST_LINE, 1, 0]


@given(
    st.text(alphabet="\"'`\\#/*-<>! ab\n", max_size=300), st.sampled_from(["a.yml", "a.js", "a.sql", "a.md", "a.ini"])
)
def test_every_line_keeps_its_number_and_nothing_is_made_up(text: str, path: str) -> None:
    kept = without_comments(text, path)
    assert len(kept) == len(lines(text))
    for line, rest in zip(lines(text), kept, strict=True):
        letters = iter(line)
        assert all(letter in letters for letter in rest)


@pytest.mark.parametrize("line", [" '" * 2000, " \\'\"" * 1300, "/*" * 2000, "<!--" * 1000, "`" * 4000, "a'" * 2000])
def test_hostile_lines_are_stripped_without_backtracking(line: str) -> None:
    for path in ("a.yml", "a.js", "a.md", "a.sql"):
        assert len(without_comments("\n".join([line] * 20), path)) == 20
