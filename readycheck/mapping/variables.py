"""Lines that are about variables of the environment, which nothing but their names says."""

from __future__ import annotations

import re
from collections.abc import Container

from readycheck.document.words import fold
from readycheck.mapping.matches import Mapped, Match
from readycheck.mapping.words import is_filler, stem, words_of

_SURE = 0.9
_VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_ALONE = re.compile(r"([A-Z][A-Z0-9]{2,})(?:\s*[-–—:=(]|\s*\Z)")
#: A sentence about one variable (`FRONTEND_URL points to …`).
_ABOUT_ONE = re.compile(
    r"\W*[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\W*\s(?:is|are|points?|matches|set|has|uses?|contains?|configured|defined|must|should)\b"
)
_AFTER = re.compile(r"\s[-–—]\s|:\s|（|\(|=|\s(?:with|to|for|in|pour|dans|avec|from)\s")
_SECRET = re.compile(r"SECRET|PASSWORD|PASSWD|_KEY\b|_TOKEN\b|_PASS\b|_SALT\b")
_STRONG = re.compile(
    r"generat|strong|random|secure|min(?:imum)?\b|\b\d\d\+?\s*(?:-?char|bit|位|字)|随机|fort\b|aleatoire|openssl|rotat",
    re.IGNORECASE,
)


def about_variables(text: str, heading: str, known: Container[str]) -> Mapped | None:
    """The check of a line that names variables and says nothing else, with their names; None for another line.

    `known` are the words that stand beside checks: a phrase may know better what such a name is about.
    """
    names = tuple(dict.fromkeys(_VARIABLE.findall(text)))
    alone = _ALONE.match(text)
    if not names and alone and "envvar" in words_of(heading).all:
        names = (alone[1],)
    if not names:
        return None
    said = "" if _ABOUT_ONE.match(text) else _VARIABLE.sub(" ", _AFTER.split(text)[0])
    rest = [word for word in words_of(said).all if len(word) > 1 and not is_filler(word) and not said.isupper()]
    if any(word not in _ABOUT_VARIABLES for word in rest):
        return None
    familiar = not alone and any(word in known for name in names for word in words_of(name).all)
    reason = "a phrase may know better" if familiar else ""
    secrets = tuple(name for name in names if _SECRET.search(name))
    if secrets == names and _STRONG.search(text):
        match = Match("environment-secrets", _SURE, "the names of secrets", names)
        return Mapped((match,), None, {"environment-secrets": {"names": list(names)}}, reason)
    match = Match("environment-complete", _SURE, "the names of variables", names)
    return Mapped((match,), None, {"environment-complete": {"names": list(names), "equals": []}}, reason)


#: What may stand around the names of variables: orders to set them, and what kind they are.
_ABOUT_VARIABLES = frozenset(
    stem(word)
    for word in fold(
        "guclu stark starke forte fuerte segura seguro надежныи "
        "copy generate define defined variable variables envvar value values secret strong secure random "
        "fort correct correcte "
        "dans definir production vercel railway render dashboard hosting update replace fill populate"
    ).split()
)
