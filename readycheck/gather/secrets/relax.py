"""Derives from a rule's exact expression one that scans fast and matches wherever the exact one does.

Every step only loosens: what stands before the rare part is dropped, assertions are dropped, wide gaps become any length, and
the end comes as soon as what was seen is rare enough. A scan for the result is followed by an exact confirmation.
"""

from __future__ import annotations

import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from typing import Any

#: A token is reported after so many characters of its last repetition: more would only keep states alive.
ENOUGH = 16
#: So many letters in a row are rare enough to begin with.
RARE = 4
#: A repetition with more room than this is a gap: counting its length costs much and tells little.
MOST_ROOM = 8
#: A word of so many characters is rare enough alone, one of letters only with fewer, unless it is an ordinary one.
RARE_WORD, RARE_NAME = 5, 4
#: So many letters in several words are.
RARE_WORDS = 8
#: Names of services that are words of everyday code: each stood more than once in 100 KB of four large histories.
_ORDINARY = """
    -token _pass _password access access-token account accu active alpha alphabet api-key apikey apple assembly
    auth auth-token authorization authtoken azure banner batch batch_ better bitcoin browser channel chatbot chec
    circle client client_ cloud code column command convert curl cursor customer daily data database deep default
    define detect digital discord driver eleven email endpoint event exact expo facebook figma file flat flight
    front github google happy hash help here heroku home host initial inside intercom karma last launch less line
    linear live login loops machine maps mariadb message mongo mysql name news nkey notar oauth open oss_ owner
    pager pass passphrase passwd password passwort people personal phantom plex poly preview priv privacy private
    prod protocols provider publish redis reply request salt sanity search secret secretkey segment select serp
    server service shortcut skey snowflake split sports status steam storage test timezone together toggl token
    transfer tunnel twitter type uptime user userid username value visual walk wallet weights yandex youtube zero
"""
ORDINARY = frozenset(_ORDINARY.split())
#: Choices in choices are taken apart so far.
DEEPEST = 2
#: The most words that one rule is told by where there is no scanner for expressions, and the shortest of use.
MOST_MARKS, SHORTEST_MARK = 400, 3

_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_WORD: r"\W",
}


def relaxed(pattern: str) -> str:
    """An expression in hyperscan's syntax that matches a part of each text that `pattern` matches.

    The end of its match lies inside the match of `pattern`.
    """
    tree = parser.parse(pattern.encode())
    elements = _flat(tree)
    kept = _enough(elements[_rare(elements) :])
    written = "".join(_element(*element) for element in kept[:-1]) + _last(*kept[-1])
    return f"(?i:{written})" if tree.state.flags & parser.SRE_FLAG_IGNORECASE else written


def widest(pattern: str) -> int:
    """The most bytes that a match takes, with one on either side for what an assertion looks at."""
    return int(parser.parse(pattern.encode()).getwidth()[1]) + 2


def _enough(elements: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """As many of the elements as make a match rare."""
    return _cut(elements)[0]


def _cut(elements: list[tuple[Any, Any]], depth: int = DEEPEST) -> tuple[list[tuple[Any, Any]], bool]:
    """As many of the elements as make a match rare, and whether they do."""
    kept: list[tuple[Any, Any]] = []
    rare = False
    for at, (kind, value) in enumerate(elements):
        gap = _is_repeat(kind) and value[1] - value[0] > MOST_ROOM
        simple = _is_repeat(kind) and len(_flat(value[2])) == 1
        if _refers(kind, value) or (rare and (gap or not (simple or _is_short(kind, value)))):
            break
        if depth and not rare:
            choice, all_rare = _choice(kind, value, elements[at + 1 :], depth - 1)
            if choice:
                return [*kept, choice], all_rare
        if gap and simple:
            value = (value[0], op.MAXREPEAT, value[2])  # noqa: PLW2901 - the same element with no end
        kept.append((kind, value))
        if simple and value[0] >= ENOUGH // 2:
            rare = True
            break
        ends = at + 1 == len(elements) or not _is_fixed(*elements[at + 1])
        rare = rare or (ends and _is_rare(kept))
    while len(kept) > 1 and _may_be_empty(*kept[-1]):
        kept.pop()
    return kept, rare


def _choice(kind: Any, value: Any, rest: list[tuple[Any, Any]], depth: int) -> tuple[tuple[Any, Any] | None, bool]:
    """A choice between the branches that are rare by themselves and those that are so with what follows, if any is.

    Also says whether all of it is rare then.
    """
    if kind is op.SUBPATTERN and not _is_fixed(kind, value):
        kept, all_rare = _cut(_flat(value[3]), depth)
        if all_rare:
            return (kind, (*value[:3], kept)), True
    branches = _branches(kind, value)
    cuts = [_cut(branch, depth) for branch in branches]
    rare = [kept for kept, is_rare in cuts if is_rare]
    if not rare:
        return None, False
    others = [branch for branch, (_, is_rare) in zip(branches, cuts, strict=True) if not is_rare]
    if not others:
        return (op.BRANCH, (None, rare)), True
    longer, all_rare = _cut(
        [(op.BRANCH, (None, others)) if len(others) > 1 else (op.SUBPATTERN, (None, 0, 0, others[0])), *rest], depth
    )
    return (op.BRANCH, (None, [*rare, longer])), all_rare


def _branches(kind: Any, value: Any) -> list[list[tuple[Any, Any]]]:
    """The branches of a choice, or of a group that holds nothing else: each in a group with the same flags."""
    if kind is op.BRANCH:
        return [_flat(branch) for branch in value[1]]
    if kind is not op.SUBPATTERN:
        return []
    inner = _flat(value[3])
    head = inner[:-1]
    if not inner or not all(_is_fixed(*element) for element in head):
        return []
    return [[(kind, (*value[:3], [*head, *branch]))] for branch in _branches(*inner[-1])]


def _refers(kind: Any, value: Any) -> bool:
    """Does the element repeat what a group matched? No scan can follow that."""
    if kind in (op.GROUPREF, op.GROUPREF_EXISTS):
        return True
    if _is_repeat(kind):
        return any(_refers(*element) for element in value[2])
    if kind is op.BRANCH:
        return any(_refers(*element) for branch in value[1] for element in branch)
    return kind is op.SUBPATTERN and any(_refers(*element) for element in value[3])


def _is_short(kind: Any, value: Any) -> bool:
    """Is it one character, or a word of a few?"""
    return kind in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN) or _is_fixed(kind, value)


def _is_rare(kept: list[tuple[Any, Any]]) -> bool:
    """Is it seldom met: a word that is long and not ordinary, or several words together?"""
    runs: list[list[bytes]] = [[b""]]
    for kind, value in kept:
        if _is_fixed(kind, value):
            runs[-1] = [start + word for start in runs[-1] for word in _words(kind, value)]
        elif not (_is_repeat(kind) and value[1] <= 1):
            runs.append([b""])
        if len(runs[-1]) > MOST_MARKS:
            return False
    least = [min(map(len, words)) for words in runs]
    alone = any(
        length and all(_is_rare_word(word) for word in words) for length, words in zip(least, runs, strict=True)
    )
    return alone or (len([length for length in least if length]) > 1 and sum(least) >= RARE_WORDS)


def _is_rare_word(word: bytes) -> bool:
    letters = word.decode("latin-1").lower()
    return len(word) >= (RARE_NAME if letters.isalpha() else RARE_WORD) and letters not in ORDINARY


def _is_repeat(kind: Any) -> bool:
    return kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)


def _flat(tree: Any) -> list[tuple[Any, Any]]:
    """The elements of a sequence, with plain groups opened and assertions dropped.

    One assertion stays: that a gap ends in none of some characters, as it tells where a token begins.
    """
    found: list[tuple[Any, Any]] = []
    for kind, value in tree:
        if kind is op.ASSERT_NOT and found and (other := _other_than(*value)) and _is_gap(*found[-1]):
            low, _, item = found[-1][1]
            found[-1] = (op.BRANCH, (None, [[], [(op.MAX_REPEAT, (low, op.MAXREPEAT, item)), other]]))
        if kind in (op.AT, op.ASSERT, op.ASSERT_NOT):
            continue
        if kind is op.SUBPATTERN and not value[1] and not value[2]:
            found += _flat(value[3])
        else:
            found.append((kind, value))
    return found


def _is_gap(kind: Any, value: Any) -> bool:
    """Is it any number of one kind of character, or none?"""
    return _is_repeat(kind) and value[0] == 0 and value[1] > MOST_ROOM and len(_flat(value[2])) == 1


def _other_than(direction: int, tree: Any) -> tuple[Any, Any] | None:
    """The characters that may stand before a place of which it is said that some do not."""
    if direction >= 0 or len(tree) != 1:
        return None
    kind, value = tree[0]
    if kind is op.LITERAL:
        return (op.NOT_LITERAL, value)
    if kind is op.IN and value[0][0] is not op.NEGATE:
        return (op.IN, [(op.NEGATE, None), *value])
    return None


def _rare(elements: list[tuple[Any, Any]]) -> int:
    """Where to begin: at the first four letters that must be there, or at the most that there are.

    What stands before them, optional prefixes above all, costs a scan much and says little.
    """
    lengths = [_letters(elements[at:]) for at in range(len(elements))]
    long = next((at for at, length in enumerate(lengths) if length >= RARE), None)
    return lengths.index(max(lengths)) if long is None else long


def _letters(elements: list[tuple[Any, Any]]) -> int:
    """How many letters, the same or one of a few words', each match of a sequence begins with."""
    length = 0
    for kind, value in elements:
        if kind is op.LITERAL:
            length += 1
        elif kind is op.BRANCH:
            length += min(_letters(_flat(branch)) for branch in value[1])
        elif kind is op.SUBPATTERN:
            length += _letters(_flat(value[3]))
        if not _is_fixed(kind, value):
            break
    return length


def _is_fixed(kind: Any, value: Any) -> bool:
    if kind is op.LITERAL:
        return True
    if kind is op.BRANCH:
        return all(branch and all(_is_fixed(*element) for element in _flat(branch)) for branch in value[1])
    if kind is op.SUBPATTERN:
        inner = _flat(value[3])
        return bool(inner) and all(_is_fixed(*element) for element in inner)
    return False


def _may_be_empty(kind: Any, value: Any) -> bool:
    if _is_repeat(kind):
        return bool(value[0] == 0)
    if kind is op.BRANCH:
        return any(all(_may_be_empty(*element) for element in _flat(branch)) for branch in value[1])
    return kind is op.SUBPATTERN and all(_may_be_empty(*element) for element in _flat(value[3]))


def _element(kind: Any, value: Any) -> str:
    if _is_repeat(kind):
        low, high, item = value
        return f"(?:{_all(item)}){_bounds(low, high)}"
    if kind is op.SUBPATTERN:
        return _group(value)
    if kind is op.ATOMIC_GROUP:
        return f"(?:{_all(value)})"
    if kind is op.BRANCH:
        return "(?:" + "|".join(_all(branch) for branch in value[1]) + ")"
    return _character(kind, value)


def _group(value: Any) -> str:
    _, added, removed, inner = value
    return f"(?{_flags(added, removed)}:{_all(inner)})"


def _all(tree: Any) -> str:
    return "".join(_element(*element) for element in _flat(tree))


def _last(kind: Any, value: Any) -> str:
    """An element that may end as soon as it can."""
    if _is_repeat(kind):
        low, _, item = value
        single = len(_flat(item)) == 1
        low = min(low, ENOUGH) if single else min(low, 1)
        return f"(?:{_all(item)}){{{low}}}" if low else ""
    if kind is op.BRANCH:
        return "(?:" + "|".join(_ended(branch) for branch in value[1]) + ")"
    if kind is op.SUBPATTERN:
        _, added, removed, inner = value
        return f"(?{_flags(added, removed)}:{_ended(inner)})"
    return _element(kind, value)


def _ended(tree: Any) -> str:
    """A sequence that may end as soon as it can."""
    flat = _flat(tree)
    return "".join(_element(*element) for element in flat[:-1]) + _last(*flat[-1]) if flat else ""


def _flags(added: int, removed: int) -> str:
    return ("i" if added & parser.SRE_FLAG_IGNORECASE else "") + ("-i" if removed & parser.SRE_FLAG_IGNORECASE else "")


def _bounds(low: int, high: Any) -> str:
    if high is op.MAXREPEAT:
        return {0: "*", 1: "+"}.get(low, f"{{{low},}}")
    return f"{{{low}}}" if low == high else f"{{{low},{high}}}"


def _character(kind: Any, value: Any) -> str:
    if kind is op.LITERAL:
        return _byte(value)
    if kind is op.NOT_LITERAL:
        return f"[^{_byte(value)}]"
    if kind is op.ANY:
        return "[^\\n]"
    if kind is op.IN:
        return "[" + "".join(_member(*member) for member in value) + "]"
    if kind is op.CATEGORY:
        return _CATEGORIES[value]
    raise ValueError(f"{kind} cannot be scanned for")


def _member(kind: Any, value: Any) -> str:
    if kind is op.NEGATE:
        return "^"
    if kind is op.RANGE:
        return f"{_byte(value[0])}-{_byte(value[1])}"
    if kind is op.CATEGORY:
        return _CATEGORIES[value]
    return _byte(value)


def _byte(value: int) -> str:
    return chr(value) if chr(value).isalnum() and value < 0x80 else f"\\x{value:02x}"  # noqa: PLR2004 - the end of ASCII


def marks(pattern: str) -> tuple[bytes, ...]:
    """Words in lower case, of which each text that `pattern` matches has one; none where no word must be there."""
    elements = _flat(parser.parse(pattern.encode()))
    words = _heads(elements[_rare(elements) :])
    return tuple(sorted({word.lower() for word in words})) if min(map(len, words)) >= SHORTEST_MARK else ()


def _heads(elements: list[tuple[Any, Any]]) -> list[bytes]:
    """With which words a sequence can begin, as long as they are told apart by few."""
    words = [b""]
    for kind, value in elements:
        fixed = _is_fixed(kind, value)
        if fixed:
            ends = _words(kind, value)
        elif kind is op.SUBPATTERN:
            ends = _heads(_flat(value[3]))
        elif kind is op.BRANCH:
            ends = [word for branch in value[1] for word in _heads(_flat(branch))]
        else:
            break
        if len(words) * len(ends) > MOST_MARKS:
            break
        words = [word + end for word in words for end in ends]
        if not fixed:
            break
    return words


def _words(kind: Any, value: Any) -> list[bytes]:
    if kind is op.LITERAL:
        return [bytes([value])]
    if kind is op.BRANCH:
        return [word for branch in value[1] for word in _joined(branch)]
    return _joined(value[3])


def _joined(tree: Any) -> list[bytes]:
    words = [b""]
    for element in _flat(tree):
        words = [word + end for word in words for end in _words(*element)]
    return words
