"""Tells what only looks like a credential, whatever rule asks: placeholders, references, counters, runs of one letter."""

from __future__ import annotations

import re
from math import log2

#: Longer than this a credential is made of so many letters that any short word stands in it by chance.
_LONG = 160
#: Values of documents and test vectors that everybody knows.
_PUBLISHED = (
    b"eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lI",  # the token on the front page of jwt.io
    b"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq",  # the Azure storage emulator
    b"C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DEQ0lNRSmkd5TmVNZQ",  # the Azure Cosmos emulator
    b"wJalrXUtnFEMI/K7MDENG",  # AWS documentation
    b"4eC39HqLyjWDarjtT1zdp7dc",  # Stripe documentation
)
_PLACEHOLDER = re.compile(
    rb"example|sample(?!d)|placeholder|change[ _-]?(?:me|it|this)|(?<![a-z])your(?![a-z]{0,3}\d)|xxxx|\*\*\*\*?|\.\.\.|"
    rb"\xe2\x80\xa6|"
    rb"dummy|fake|(?<![a-z0-9])todo|redacted|insert[ _-]|replace[ _-]?(?:me|with|this)|"
    rb"not[ _-]?(?:a[ _-]?)?(?:real|secret)|goes[ _-]?here|_here\b|"
    rb"^<[^<>]*>?$|<[\w .|-]{2,40}>|^\[[\w .-]+\]$",
    re.IGNORECASE,
)
_OMITTED = re.compile(rb"EXAMPLE|\.\.\.|\*\*\*|\xe2\x80\xa6|<[\w ]+>|[xX]{12}")
_REFERENCE = re.compile(
    rb"\$\{|\{\{|#\{|%\(\w|\$\(|@\{|^['\"]?\$[A-Za-z_][\w.:>-]*['\"]?$|^%\w+%$|^\$\$?\w+\$?$|^__\w+__$|^\{\w*\}$|^:[a-z_]+$|"
    rb"^(?:process\.env|os\.environ|ENV|env|config|secrets|vars?|self|this|params|settings|args|opts|options)[.\[(]|"
    rb"^(?:vault|ssm|arn|file|classpath|secret|op|ref|sops|keyring|env):|"
    rb"\b(?:getenv|environ|lookup|process\.env)\b|\bENV\[",
)
# In a random row of so many different signs the mark of a reference stands by chance.
_SIGN, _MANY_SIGNS = re.compile(rb"[^\w\s${}]"), 9
_COUNTING = re.compile(
    rb"01234567|12345678(?:90|$)|(?:abcdefgh|bcdefghi)(?=[a-z]{4}|0?12|$)|87654321|qwertyuiop|deadbeefdeadbeef",
    re.IGNORECASE,
)
_CLOSED = re.compile(
    rb"^(?:ENC[\[(]|AQ(?:IC|EC)AH|AQAB[\w+/]{60}|AQ[A-Z][\w+/=]{120}|Ag[A-D][\w+/=]{120}|v1:[\w+/]+:|\$ANSIBLE_VAULT|vault:v\d|"
    rb"DPAPI:|CiQA|gAAAAA|crypted:|!vault)"
)


def is_harmless(secret: bytes) -> bool:
    """Is the value one that nobody could log in with?"""
    if len(secret) > _LONG:
        return is_published(secret) or bool(_OMITTED.search(secret)) or is_closed(secret)
    return (
        is_monotonous(secret)
        or is_placeholder(secret)
        or is_reference(secret)
        or is_closed(secret)
        or is_published(secret)
    )


def is_placeholder(value: bytes) -> bool:
    """Does the value say that another one belongs there?"""
    return bool(_PLACEHOLDER.search(value))


def is_reference(value: bytes) -> bool:
    """Does the value name a place where the secret is kept: a variable, a template's field, a vault's path?"""
    return bool(_REFERENCE.search(value)) and len(set(_SIGN.findall(value))) < _MANY_SIGNS


def is_counting(value: bytes) -> bool:
    """Is it mostly the digits or the alphabet in their order, or a row of the keyboard?"""
    return bool(_COUNTING.search(value))


def is_closed(value: bytes) -> bool:
    """Is it ciphertext that only its own key opens: Jasypt, KMS, sealed secrets, Ansible Vault, Fernet?"""
    return bool(_CLOSED.match(value))


def is_published(value: bytes) -> bool:
    """Does it stand in a vendor's documentation for everybody to read?"""
    return any(known in value for known in _PUBLISHED)


def is_monotonous(value: bytes) -> bool:
    """Is it made of three letters or fewer, or of one letter more than anything else?"""
    different = len(set(value))
    return different <= 3 or (different <= 5 and len(value) >= 20)  # noqa: PLR2004 - that is no chance


def bits(value: bytes) -> float:
    """Shannon entropy of the bytes, in bits each (0 for none)."""
    size = len(value)
    return -sum(count / size * log2(count / size) for count in (value.count(byte) for byte in set(value)))
