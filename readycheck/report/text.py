"""Makes audited text harmless where escaping is not enough: unseen characters, Markdown and CSS strings."""

from __future__ import annotations

import re

#: Characters that show nothing, break lines or turn the direction of text (Unicode TR 36 §2.10, CVE-2021-42574). The
#: joiners U+200C and U+200D stay: scripts and emoji are spelt with them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~$&]")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
#: What GitHub makes links or pictures of after Markdown is rendered, so that only a character between can prevent it:
#: mentions, e-mail addresses, issues, URLs, bare domains, commits and emoji names.
_LINKED = re.compile(
    r"@(?=\S)|#(?=\d)|(?i:\bGH-(?=\d))|://|(?i:\bwww(?=\.))|(?i:mailto|xmpp)(?=:)|\b[0-9a-f]{7,64}\b|:(?=[\w+-]+:)"
)
#: What opens a list, a heading or an underline at the start of a line.
_STARTS = re.compile(r"^([-+#=]|\d{1,9}(?=[.)](?:\s|$)))")
_TICKS = re.compile("`+")
_BREAK = "\u200b"


def visible(text: str) -> str:
    """The text with characters that cannot be seen written as their code points; tabs and line ends stay."""
    return _UNSEEN.sub(lambda match: f"\u2039U+{ord(match[0]):04X}\u203a", text.replace("\r\n", "\n"))


def inline_markdown(text: str) -> str:
    """The text as one line of GitHub-flavoured Markdown that says just this: no markup, link, mention or table cell."""
    line = " ".join(visible(text).split())
    line = _SPECIAL.sub(lambda match: _ENTITIES.get(match[0], f"\\{match[0]}"), line)
    line = _LINKED.sub(_unlinked, line)
    return _STARTS.sub(lambda match: f"{match[1]}{_BREAK}" if match[1].isdigit() else f"\\{match[1]}", line)


def html_line(text: str) -> str:
    """The text as one line of HTML inside Markdown: escaped, and no link or mention."""
    line = _LINKED.sub(_unlinked, " ".join(visible(text).split()))
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def markdown_code(text: str) -> str:
    """The text as one code span; its fence is longer than any run of backticks inside (CommonMark 0.31 §6.1)."""
    line = " ".join(visible(text).split()) or " "
    fence = "`" * (max(map(len, _TICKS.findall(line)), default=0) + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"


def markdown_block(text: str, indent: str = "") -> str:
    """The text as a fenced block of code, each line indented, ending with a line end (CommonMark 0.31 §4.5)."""
    shown = visible(text)
    fence = "`" * max(3, max(map(len, _TICKS.findall(shown)), default=0) + 1)
    return "".join(f"{indent}{line}\n" for line in [fence, *shown.split("\n"), fence])


def _unlinked(match: re.Match[str]) -> str:
    # Long hexadecimal names are cut in two because GitHub links those of commits.
    found = match[0]
    return f"{found[:3]}{_BREAK}{found[3:]}" if found[0].isalnum() and len(found) > 6 else f"{found}{_BREAK}"  # noqa: PLR2004


def css_string(text: str) -> str:
    """The text as a CSS string with everything but letters, digits and spaces escaped (CSS Syntax 3 §4.3.7)."""
    plain = " ".join(visible(text).split())
    body = "".join(
        letter if letter == " " or (letter.isascii() and letter.isalnum()) else f"\\{ord(letter):x} "
        for letter in plain
    )
    return f'"{body}"'


def shortened(text: str, most: int) -> str:
    """The text, cut to at most this many characters with an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def plain(text: str) -> str:
    """Our own signs in ASCII, for encodings that have nothing else."""
    return text.translate({ord("–"): "-", ord("→"): "->", ord("…"): "...", ord("·"): "-"})
