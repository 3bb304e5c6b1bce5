"""Chooses the checks of a line: the phrases beside each check are held against its words, and the nearest wins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from math import log
from typing import NamedTuple

from readycheck.catalogue import Catalogue
from readycheck.mapping.matches import Mapped, Match
from readycheck.mapping.people import PEOPLE, is_an_act
from readycheck.mapping.variables import about_variables
from readycheck.mapping.words import GENERIC, Words, stem, words_of

#: The least confidence of a mapping: what is less sure is left to a person, as no mapping is better than a wrong one.
LEAST = 0.7
#: Checks whose phrases fit as well as the best one, up to this much, are mapped together.
_TIE = 0.015
#: The weight of a word that stands beside no check.
_UNKNOWN = 2.2
#: How alike (of 100) two spellings of a word must be; shorter words must be the same.
_ALIKE, _SHORTEST = 87, 6
#: What a phrase loses when a word of it stands in the heading only.
_BY_HEADING = 0.86
_WHOLE, _TOGETHER = 0.9, 0.96
#: What it loses for each word that stands between its words.
_APART = 0.07

#: A number or a priority before a line's words, which tells where it stands and not what it is.
_NUMBERED = re.compile(
    r"\s*(?:(?:P\d|(?:phase|step|fix|stage|item|task|issue)\s+[\w.]{1,4})\s*[-–—:.)]\s*)", re.IGNORECASE
)
#: What a lead and what follows it are, where the lead tells nothing.
_PARTS = re.compile(r"(?P<lead>[^:：]{2,40})[:：]\s+(?P<rest>\S.{5,})")
#: What the rest of a line loses, and how sure it has to be all the same.
_REST, _SURE = 0.93, 0.76

#: A bound on time or size says how quick a thing is, not that it is there.
_BOUND = re.compile(
    r"(?:[<≤]|under|below|less than|within|in)\s*\d+(?:\.\d+)?\s*(?:ms|milliseconds?|s|secs?|seconds?|m|minutes?|[kmg]b)\b",
    re.IGNORECASE,
)
_BOUNDED = frozenset(
    {
        "latency",
        "request-timing",
        "error-rate",
        "load-test-result",
        "load-test-script",
        "request-timeouts",
        "recovery-plan",
    }
)


class _Phrase(NamedTuple):
    """A phrase; `length` counts all its words, those that tell nothing too."""

    text: str
    words: tuple[str, ...]
    ideographs: str
    check: str
    length: int


class _Line(NamedTuple):
    """The words of a line and their places, those of its lead and of its subject, and those that only its heading has."""

    places: Mapping[str, int]
    seen: frozenset[str]
    lead: frozenset[str]
    subject: frozenset[str]
    extra: frozenset[str]


class Mapper:
    """The phrases of a catalogue, ready to be held against lines. Same catalogue, same line: same mapping."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._phrases: list[_Phrase] = []
        self._whole: dict[frozenset[str], list[tuple[str, str]]] = {}
        self._spoilers: dict[str, tuple[frozenset[str], ...]] = {}
        for check in sorted(catalogue.checks.values(), key=lambda check: check.id):
            spoilers = [alias[1:] for alias in check.aliases if alias.startswith("!")]
            self._spoilers[check.id] = tuple(words_of(spoiler).said for spoiler in spoilers)
            for alias in check.aliases:
                if not alias.startswith("!"):
                    self._add(alias, check.id)
        for phrase in PEOPLE:
            self._add(phrase, "")
        self._phrases = list(_plainest(self._phrases))
        self._spelled: dict[str, str] = {}
        self._weights = self._weigh()
        self._at = self._index()

    def _add(self, text: str, check: str) -> None:
        words = words_of(text)
        if check and not words.ideographs and len(words.all) == 1 and words.all[0] in _GENERIC:
            # Too little to be looked for in a line, enough to be one ("Staging environment").
            if len(words.said) > 1:
                self._whole.setdefault(words.said, []).append((check, text))
            return
        self._phrases.append(_Phrase(text, words.all, words.ideographs, check, len(text.split())))

    def _weigh(self) -> dict[str, float]:
        users: dict[str, set[str]] = {}
        for phrase in self._phrases:
            for word in phrase.words:
                users.setdefault(word, set()).add(phrase.check or phrase.text)
        total = len({phrase.check for phrase in self._phrases})
        return {word: 1.0 + log(total / min(len(names), total)) for word, names in users.items()}

    def _index(self) -> dict[str, list[_Phrase]]:
        """The phrases by their rarest word: one that lacks it can't be spoken of."""
        at: dict[str, list[_Phrase]] = {}
        for phrase in self._phrases:
            if phrase.words:
                at.setdefault(max(phrase.words, key=lambda word: (self._weights[word], word)), []).append(phrase)
        return at

    @cached_property
    def _vocabulary(self) -> list[str]:
        return sorted(word for word in self._weights if len(word) >= _SHORTEST)

    def map(self, text: str, heading: str = "") -> Mapped:
        """The checks that can prove this line, which stands below this heading."""
        text = _NUMBERED.sub("", text)
        if is_an_act(text):
            return Mapped((), None, {}, "it asks somebody to look, and claims nothing that stays")
        variables = about_variables(text, heading, self._weights)
        found = self._by_phrase(text, heading) if variables is None or variables.reason else variables
        if not found.checks and variables is None:
            return self._by_rest(text, heading) or found
        return found if found.checks or variables is None else variables

    def _by_rest(self, text: str, heading: str) -> Mapped | None:
        """What follows a lead that tells nothing (`Scaling: auto-scaling groups configured`), when that is sure."""
        parts = _PARTS.match(text)
        if parts is None or self._by_phrase(parts["lead"], heading).reason.endswith("for people to say"):
            return None
        found = self._by_phrase(parts["rest"], heading)
        checks = tuple(match._replace(confidence=round(match.confidence * _REST, 3)) for match in found.checks)
        return found._replace(checks=checks) if checks and checks[0].confidence >= _SURE else None

    def _by_phrase(self, text: str, heading: str) -> Mapped:
        words, above = words_of(text), words_of(heading)
        found = self._matches(words, above)
        best: dict[str, Match] = {}
        bounded = bool(_BOUND.search(text))
        for match in found:
            if bounded and match.check and match.check not in _BOUNDED:
                continue
            held = best.get(match.check)
            if held is None or match.confidence > held.confidence:
                best[match.check] = match
        people = best.pop("", None)
        ranked = sorted(best.values(), key=lambda match: (-match.confidence, match.check))
        if people and (not ranked or people.confidence >= ranked[0].confidence - _TIE) and people.confidence >= LEAST:
            return Mapped((), ranked[0] if ranked else None, {}, f"{people.phrase!r} is for people to say")
        if not ranked or ranked[0].confidence < LEAST:
            return Mapped((), ranked[0] if ranked else None, {}, "no phrase of a check is near enough")
        taken = tuple(match for match in ranked if match.confidence >= ranked[0].confidence - _TIE)
        rest = [match for match in ranked if match not in taken]
        return Mapped(taken, rest[0] if rest else None)

    def _matches(self, words: Words, above: Words) -> Iterator[Match]:
        seen = self._known(words.all)
        line = _Line(
            places={word: place for place, word in enumerate(seen)},
            seen=frozenset(seen),
            lead=frozenset(self._known(words.lead)),
            subject=frozenset(self._known(words.subject)),
            extra=frozenset(self._known(above.all)) - frozenset(seen),
        )
        spoiled: dict[str, bool] = {}
        entire: dict[str, list[_Phrase]] = {}
        for word in sorted(line.seen | line.extra):
            for phrase in self._at.get(word, ()):
                if phrase.ideographs and phrase.ideographs not in words.ideographs:
                    continue
                confidence = self._confidence(phrase, line)
                if confidence > 0:
                    if phrase.check not in spoiled:
                        spoiled[phrase.check] = self._spoiled(phrase.check, words.said)
                    if not spoiled[phrase.check]:
                        both = tuple(word for word in phrase.words if word in line.seen)
                        yield Match(phrase.check, round(confidence, 3), phrase.text, both)
                        if phrase.check and len(both) == len(phrase.words):
                            entire.setdefault(phrase.check, []).append(phrase)
        yield from self._together(entire, line)
        for check, text in self._whole.get(words.said, ()):
            yield Match(check, _WHOLE, text, tuple(sorted(words.said)))
        if words.ideographs:
            yield from self._ideographs(words.ideographs)

    def _together(self, entire: Mapping[str, Sequence[_Phrase]], line: _Line) -> Iterator[Match]:
        """What several phrases of one check explain together (`Sentry error tracking`)."""
        for check, phrases in entire.items():
            words = tuple(dict.fromkeys(word for phrase in phrases for word in phrase.words))
            if len(phrases) > 1 and len(words) > max(len(phrase.words) for phrase in phrases):
                text = " + ".join(dict.fromkeys(phrase.text for phrase in phrases))
                # Never surer than one phrase that is a whole lead.
                confidence = min(_TOGETHER, self._confidence(_Phrase(text, words, "", check, len(words)), line))
                yield Match(check, round(confidence, 3), text, words)

    def _known(self, words: Sequence[str]) -> tuple[str, ...]:
        """The words, those with a slip of spelling as the phrases spell them."""
        return tuple(dict.fromkeys(word if word in self._weights else self._alike(word) for word in words))

    def _alike(self, word: str) -> str:
        if len(word) < _SHORTEST or not word.isalpha():
            return word
        if word not in self._spelled:
            from rapidfuzz import fuzz, process

            found = process.extractOne(word, self._vocabulary, scorer=fuzz.ratio, score_cutoff=_ALIKE)
            self._spelled[word] = found[0] if found else word
        return self._spelled[word]

    def _spoiled(self, check: str, seen: frozenset[str]) -> bool:
        return any(spoiler and seen.issuperset(spoiler) for spoiler in self._spoilers.get(check, ()))

    def _weight(self, words: Iterable[str]) -> float:
        return sum(_PALE if word in _NEUTRAL else self._weights.get(word, _UNKNOWN) for word in sorted(words))

    def _confidence(self, phrase: _Phrase, line: _Line) -> float:
        """How much of the line the phrase explains; it counts only when every word of it is there."""
        own = line.seen.intersection(phrase.words)
        factor = 1.0
        if len(own) < len(phrase.words):
            missing = set(phrase.words) - own
            if not missing <= line.extra or missing & _GENERIC or self._weight(own) < self._weight(phrase.words) / 2:
                return 0.0
            factor = _BY_HEADING
        elif phrase.check and len(own) > 1:
            places = [line.places[word] for word in own]
            factor = 1 - _APART * min(3, max(places) - min(places) + 1 - len(own))
        weight = self._weight(own)
        share = weight / self._weight(line.seen)
        # What people must say is not told by the first words alone.
        for part in (line.lead, line.subject) if phrase.check else ():
            if part and own <= part:
                share = max(share, min(1.0, 0.97 * weight / self._weight(part)))
        return factor * (0.35 + 0.65 * share)

    def _ideographs(self, text: str) -> Iterable[Match]:
        for phrase in self._phrases:
            if len(phrase.ideographs) > 1 and not phrase.words and phrase.ideographs in text:
                share = len(phrase.ideographs) / max(len(text), 1)
                yield Match(
                    phrase.check, round(0.45 + 0.5 * min(1.0, share * 1.6), 3), phrase.text, (phrase.ideographs,)
                )


def _plainest(phrases: Sequence[_Phrase]) -> Iterator[_Phrase]:
    """The phrases without those that say no more than a shorter one of another check, once what tells nothing is left out.

    "Backups are verified" and "Backups" are the same word to a line; the check that calls itself by it has it.
    """
    shortest: dict[tuple[frozenset[str], str], int] = {}
    for phrase in phrases:
        key = (frozenset(phrase.words), phrase.ideographs)
        shortest[key] = min(shortest.get(key, phrase.length), phrase.length)
    own = {
        (phrase.check, frozenset(phrase.words), phrase.ideographs)
        for phrase in phrases
        if phrase.length == shortest[frozenset(phrase.words), phrase.ideographs]
    }
    return (phrase for phrase in phrases if (phrase.check, frozenset(phrase.words), phrase.ideographs) in own)


_GENERIC = frozenset(stem(word) for word in GENERIC)
#: Words that tell what kind of thing does it, and hardly what it does.
_NEUTRAL = frozenset(
    stem(word)
    for word in """
        middleware handler module library package plugin mechanism measures logic settings layer component handling option
        feature functionality capability practice practices level based public custom global
    """.split()  # noqa: SIM905 - a list of words, not of literals
)
_PALE = 0.6
