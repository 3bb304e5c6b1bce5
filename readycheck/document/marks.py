"""The marks by which a line says how it stands: boxes, ticks, crosses, coloured dots, and words at its end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from readycheck.document.plain import plain, undecorated
from readycheck.document.words import STATES, fold, leading_state, state_of
from readycheck.model import Claim

#: Boxes that are drawn, and ticks.
GLYPHS = {
    **dict.fromkeys("☑✔✓🗹", Claim.DONE),
    # Pandoc writes `[x]` as a ballot box with an X.
    "☒": Claim.DONE,
    **dict.fromkeys("☐⬜🔲◻□▢🗆", Claim.TODO),
}
#: Pictures that mean a state. Those in `SOFT` say less than a word beside them.
EMOJI = {
    **dict.fromkeys("✅🟢🆗", Claim.DONE),
    **dict.fromkeys("❌✗✘✖❎🔴⛔🛑", Claim.FAILED),
    **dict.fromkeys("⚠🟡🟠🔶", Claim.PARTIAL),
    **dict.fromkeys("🔄🚧🔃🏗", Claim.IN_PROGRESS),
    **dict.fromkeys("⏳⌛🔜⏰🕐⚪", Claim.TODO),
    **dict.fromkeys("➖⏭🚫", Claim.NOT_APPLICABLE),
}
#: GitHub's names of pictures (https://github.com/github/gemoji) that documents write for states.
SHORTCODES = {
    "white_check_mark": "✅",
    "heavy_check_mark": "✅",
    "ballot_box_with_check": "☑",
    "green_circle": "🟢",
    "green_heart": "🟢",
    "x": "❌",
    "negative_squared_cross_mark": "❌",
    "heavy_multiplication_x": "❌",
    "no_entry": "⛔",
    "red_circle": "🔴",
    "warning": "⚠",
    "yellow_circle": "🟡",
    "large_orange_diamond": "🔶",
    "orange_circle": "🟠",
    "construction": "🚧",
    "arrows_counterclockwise": "🔄",
    "hourglass": "⏳",
    "hourglass_flowing_sand": "⏳",
    "soon": "🔜",
    "white_large_square": "⬜",
    "white_circle": "⚪",
    "no_entry_sign": "🚫",
}
_SHORTCODE = re.compile(":(" + "|".join(SHORTCODES) + "):")
SOFT = frozenset("⚪⚠🟡🟠🔶🔄🚧🔃🏗⏳⌛🔜⏰🕐➖⏭🚫🔴🟢⛔🛑")
#: Those that often mean how urgent a thing is, not how it stands.
_URGENCY = frozenset("🔴🟠🟡🟢🔵⚪")
_URGENT = re.compile(
    r"\W*(?:critical|high|medium|low|urgent|must|should|nice|p[0-4]\b|priority|severity|高|中|低|严重|建议|必须)"
)

_INSIDE: dict[Claim, tuple[str, ...]] = {
    Claim.DONE: ("x", "х", "✓", "✔", "✅", "☑", "√", "*", "v", "done", "ok", "yes", "y", "✖"),
    Claim.TODO: ("", "_", ".", "?", ">", "todo", "no", "⬜", "☐", "⏳"),
    Claim.PARTIAL: ("~", "+/-", "±", "⚠", "🟡", "部分", "partial"),
    Claim.IN_PROGRESS: ("/", "🔄", "🚧", "wip", "\\", "..", "..."),
    Claim.NOT_APPLICABLE: ("-", "–", "—", "n/a", "na"),
    Claim.FAILED: ("!", "❌", "✗", "✘", "fail", "🔴"),
}
_BOXED = {text: claim for claim, texts in _INSIDE.items() for text in texts}

_BOX = re.compile(r"\\?\[(?P<inner>[^\[\]\n\\]{0,8})\\?\](?![(\[:])")
_INPUT = re.compile(r"<input\b(?P<rest>[^<>]{0,200})>", re.IGNORECASE)
_OPENING = re.compile(r"(?:</?(?:li|p|label|td|div|ul|span|b|strong)\b[^<>]{0,200}>|\*\*|__|\s|[-*+•]\s?(?=\\?\[))+")
_SIGNS = "".join((*GLYPHS, *EMOJI))
_SIGN = re.compile(f"(?P<sign>[{_SIGNS}])[\ufe0e\ufe0f]?")
_BOLD_ONLY = re.compile(r"\*\*[^*]{1,80}\*\*")
_END = re.compile(r"\((?P<bracket>[^()]{1,40})\)\s*$|\s[-–—:]\s+(?P<word>[^-–—:]{1,40})$")
#: What an unticked box may be told to be by the words after it.
_REFINING = (Claim.NOT_APPLICABLE, Claim.IN_PROGRESS, Claim.PARTIAL, Claim.FAILED)


class Mark(NamedTuple):
    """A state, the sign that says it (`box` for any kind of box), and the Markdown that is left without the sign."""

    claim: Claim
    sign: str
    text: str

    @property
    def boxed(self) -> bool:
        """Was it a box, which leaves no doubt that the line is an item?"""
        return self.sign == "box"


Legend = Mapping[str, Claim]


def pictured(line: str) -> str:
    """The line with GitHub's names of pictures (`:white_check_mark:`) as the pictures."""
    return _SHORTCODE.sub(lambda found: SHORTCODES[found[1]], line) if ":" in line else line


def leading(text: str, legend: Legend) -> Mark | None:
    """The mark that a line begins with, whatever bold or bullet stands before it; None when there is none."""
    opening = _OPENING.match(text)
    start = opening.end() if opening else 0
    rest = text[start:]
    box = _box_at(rest)
    if box is not None:
        claim, length = box
        left = _closed(text[:start], rest[length:])
        return Mark(_refined(claim, left, legend), "box", left)
    sign = _SIGN.match(rest)
    if not sign:
        return None
    left = _closed(text[:start], rest[sign.end() :])
    if sign["sign"] in GLYPHS:
        return Mark(GLYPHS[sign["sign"]], "box" if sign["sign"] in "☐☑☒🗹🗆⬜🔲◻□▢" else sign["sign"], left)
    if sign["sign"] in _URGENCY and _URGENT.match(fold(plain(left))):
        return None
    return Mark(_worded(sign["sign"], left, legend), sign["sign"], left)


def _box_at(text: str) -> tuple[Claim, int] | None:
    if found := _BOX.match(text):
        inner = fold(found["inner"]).strip().strip("\ufe0f")
        return (_BOXED[inner], found.end()) if inner in _BOXED else None
    if (found := _INPUT.match(text)) and "checkbox" in found["rest"].lower():
        ticked = re.search(r"\bchecked\b", found["rest"], re.IGNORECASE)
        return (Claim.DONE if ticked else Claim.TODO), found.end()
    return None


def _closed(opening: str, rest: str) -> str:
    """The rest, its bold closed when the opening that was taken off had opened one."""
    bold = "**" if opening.count("**") % 2 else ""
    return bold + rest.strip() if bold and "**" in rest else rest.strip()


def _refined(claim: Claim, text: str, legend: Legend) -> Claim:
    """What an unticked box says of itself in the words or the sign beside it; a tick stays a tick."""
    if claim is not Claim.TODO:
        return claim
    if re.fullmatch(r"\**~~.+~~\**\.?", text):
        return Claim.NOT_APPLICABLE
    sign = _SIGN.match(text)
    if sign and sign["sign"] in EMOJI:
        found = legend.get(sign["sign"], EMOJI[sign["sign"]])
        return found if found in _REFINING else claim
    ending = _END.search(plain(text))
    found_words = STATES.get(fold(ending["bracket"] or ending["word"]).strip()) if ending else None
    return found_words if found_words in _REFINING and found_words is not Claim.FAILED else claim


def _worded(sign: str, text: str, legend: Legend) -> Claim:
    meant = legend.get(sign, EMOJI.get(sign, GLYPHS.get(sign, Claim.TODO)))
    if sign in SOFT and sign not in legend:
        words = leading_state(plain(text)) or _ending_state(plain(text))
        return words or meant
    return meant


def _ending_state(text: str) -> Claim | None:
    ending = _END.search(text)
    return state_of(ending["bracket"] or ending["word"]) if ending else None


def within(text: str, legend: Legend, trailing: int = 0) -> Mark | None:
    """The mark after a lead (`**CDN**: ✅ CloudFront`) or at the end of a line (`Database schema ✅`).

    After the last mark only words of a state may stand, or any `trailing` words.
    """
    found = list(_SIGN.finditer(text[:2000]))
    signs = [match for match in found if match["sign"] not in "□◻"]
    if not signs:
        return None
    first, last = signs[0], signs[-1]
    before = text[: first.start()].rstrip(" *_")
    if first["sign"] not in GLYPHS and (
        before.endswith((":", "：", " -", " –", " —", "→", "|", "..."))
        or re.search(r"[:：]\**\s*\**$", text[: first.start()])
        or _BOLD_ONLY.fullmatch(text[: first.start()].strip())
    ):
        rest = text[first.end() :].strip()
        return Mark(
            _worded(first["sign"], rest, legend), first["sign"], f"{text[: first.start()].rstrip()} {rest}".strip()
        )
    after = text[last.end() :].strip(" *_.")
    if not after or state_of(after) is not None or len(after.split()) <= trailing:
        left = text[: last.start()].rstrip() + ("**" if text[: last.start()].count("**") % 2 else "")
        return Mark(_worded(last["sign"], after, legend), last["sign"], left.rstrip(" -–—:"))
    return None


def cell_state(text: str, legend: Legend) -> Claim | None:
    """The state that a cell of a table says by a sign, a word or a percentage; None when it says none."""
    stripped = text.strip()
    box = _box_at(stripped)
    if box is not None:
        return box[0]
    words = plain(stripped)
    sign = _SIGN.search(words[:200])
    if sign and (sign.start() == 0 or not words[: sign.start()].strip() or not words[sign.end() :].strip()):
        rest = words[: sign.start()] + words[sign.end() :]
        kind = sign["sign"]
        if kind in GLYPHS:
            return GLYPHS[kind]
        return _worded(kind, rest, legend) if kind in SOFT else legend.get(kind, EMOJI[kind])
    return leading_state(words) or _CELLS.get(fold(words).strip(" ."))


def is_boxed(cell: str) -> bool:
    """Is a cell of a table a box, or a tick or cross that stands for one?"""
    words = cell.strip()
    return _box_at(words) is not None or words.strip("\ufe0f") in GLYPHS or words.strip("\ufe0f") in EMOJI


#: What a single letter says in a column of states.
_CELLS = {"y": Claim.DONE, "x": Claim.DONE, "n": Claim.TODO}


class Choice(NamedTuple):
    """One of several boxes on a line: its state and the words after it."""

    claim: Claim
    text: str


_ANSWERS = {
    **dict.fromkeys(("yes", "y", "pass", "passed", "ok", "done", "oui", "si", "ja", "sim", "是", "通过"), Claim.DONE),
    **dict.fromkeys(("no", "n", "fail", "failed", "non", "nein", "nao", "否", "不通过"), Claim.FAILED),
    **dict.fromkeys(("n/a", "na", "not applicable", "不适用"), Claim.NOT_APPLICABLE),
    "partial": Claim.PARTIAL,
    "in progress": Claim.IN_PROGRESS,
}
_ANY_BOX = re.compile(
    r"\\?\[(?:[ xXхХ✓✔✅]|)\\?\](?![(\[:])|[☐☑☒⬜🔲]|<input\b[^<>]{0,200}checkbox[^<>]{0,200}>", re.IGNORECASE
)


def choices(text: str) -> tuple[str, tuple[Choice, ...]]:
    """The words before several boxes on one line, and each box with the words after it; none for a single box.

    Boxes that are the answers to one question (`☐ Yes ☒ No`) are one choice, whose words are empty.
    """
    found = list(_ANY_BOX.finditer(_without_code(text)))
    if len(found) < 2:  # noqa: PLR2004 - several
        return "", ()
    lead = plain(text[: found[0].start()]).strip(" :-–—|*+")
    ends = [match.start() for match in found[1:]] + [len(text)]
    parts = []
    for match, end in zip(found, ends, strict=True):
        box = _box_at(match[0])
        claim = box[0] if box else GLYPHS[match[0]]
        parts.append(Choice(claim, undecorated(plain(text[match.end() : end])).strip(" ,;|/·:")))
    answers = [_ANSWERS.get(fold(part.text)) for part in parts]
    if all(answers):
        ticked = [answer for answer, part in zip(answers, parts, strict=True) if answer and part.claim is Claim.DONE]
        return lead, (Choice(ticked[0] if len(ticked) == 1 else Claim.TODO, ""),)
    return lead, tuple(part for part in parts if part.text) if all(part.text for part in parts) else ()


def _without_code(text: str) -> str:
    return re.sub(r"`[^`\n]{1,500}`", lambda match: "\x00" * len(match[0]), text)


def legend_of(text: str) -> dict[str, Claim]:
    """The meanings of signs that a line explains (`✅ Done | 🔄 In progress | ❌ Missing`), empty when it explains none."""
    signs = list(_SIGN.finditer(text[:500]))
    if len(signs) < 2:  # noqa: PLR2004 - a legend tells signs apart
        return {}
    found = {}
    ends = [match.start() for match in signs[1:]] + [len(text)]
    for match, end in zip(signs, ends, strict=True):
        words = plain(text[match.end() : end]).strip(" =:-–—|,;/·()>").removeprefix("means ")
        claim = state_of(words)
        if claim is None:
            return {}
        found[match["sign"]] = claim
    return found
