"""The standards that references name, so that a report can be read along any of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

#: Each standard as readers call it, and how a reference to it begins in a check's YAML. The first that fits counts.
STANDARDS = (
    ("OWASP ASVS", "ASVS "),
    ("CIS", "CIS "),
    ("SOC 2", "SOC 2 "),
    ("ISO 27001", "ISO 27001 "),
    ("CWE", "CWE-"),
    ("GDPR", "GDPR "),
    ("NIST", "NIST "),
    ("OWASP", "OWASP "),
    ("RFC", "RFC "),
)


class Reference(NamedTuple):
    """A place in a standard: `OWASP ASVS` and `ASVS 5.0 3.4.1`."""

    standard: str
    text: str


def known(references: Iterable[str]) -> tuple[Reference, ...]:
    """Those of the references that name a standard of the list, each once, in the order given."""
    found = (Reference(_standard(text), text) for text in dict.fromkeys(references))
    return tuple(reference for reference in found if reference.standard)


def occurring(references: Iterable[Reference]) -> tuple[str, ...]:
    """The standards that these references name, in the order of the list."""
    named = {reference.standard for reference in references}
    return tuple(name for name, _ in STANDARDS if name in named)


def _standard(reference: str) -> str:
    return next((name for name, start in STANDARDS if reference.startswith(start)), "")
