"""Judges the values of loose rules: is this a password that somebody chose, or a key that a machine made, or just a word?

A loose rule knows its credential by the name that stands before it alone (`password = …`, `token: …`), so the value must
speak for itself. Passwords are what people type; keys are random. What is found depends on the line alone.
"""

from __future__ import annotations

import re

from readycheck.gather.secrets.harmless import bits, is_counting

#: The least entropy that a rule asks for, in bits a letter, for its values to be judged as made by a machine.
MADE = 3.0
#: Loose rules do not read longer lines: they are data or minified code.
LONGEST_LINE = 4096

# Words that stand where a password belongs and are none: its own names, roles, products, what a form or a type says.
_TRIVIAL = re.compile(
    rb"(?:(?:my|the|new|old|some|an?|this|is|no|not|any|set|get|enter|please|type|in|for|of|to|and|with|use|user|users|usr|"
    rb"name|admin|administrator|root|guest|demo|test|tests|testing|foo|bar|baz|qux|spam|eggs|hello|world|default|empty|none|"
    rb"null|nil|undefined|true|false|yes|on|off|string|str|text|bytes?|char|int|integer|number|bool|boolean|object|array|any|"
    rb"void|value|values|required|optional|hidden|invalid|valid|wrong|correct|missing|incorrect|bad|good|strong|weak|random|"
    rb"generated?|auto|input|field|form|label|hash|hashed|plain|plaintext|encrypted|basic|bearer|digest|oauth2?|login|logon|"
    rb"pass|passwd|password|passwords|passw0rd|p4ssw0rd|passphrase|passcode|pwd|pw|pass_?word|secret|secrets|token|tokens|key|keys|"
    rb"api|apikey|access|auth|authorization|credentials?|client|private|public|session|csrf|xsrf|refresh|id|db|database|"
    rb"mysql|postgres|postgresql|mongo|mongodb|redis|rabbitmq|oracle|sa|sql|server|service|account|app|application|host|"
    rb"local|localhost|dev|prod|production|development|staging|ci|docker|github|gitlab|aws|google|azure|"
    rb"const|readonly|static|final|let|var|function|return|self|super|request|response|data|config|settings|options|env|"
    rb"environment|variable|mock|stub|mocked|keep|same|here|placeholder|lorem|ipsum|unused|ignored?|disabled|enabled|"
    rb"rest|http|https|url|uri|file|path|email|mail|phone|current|confirm|confirmation|repeat|reset|forgot|change|update|"
    rb"create|delete|remove|add|show|hide|save|cancel|submit|ok|error|warning|message|title|description|s|abc|xyz|asdf|asdfgh|"
    rb"qwerty|letmein|changeit|secure|super|very|top|bottom|left|right|simple|long|short|a|b|c|x|y|z)[-_. /:]{0,2})+[\d!.*?]{0,4}",
    re.IGNORECASE,
)
_CODE = re.compile(
    rb"\w\(|\)\s*[;.{]|^\(|->|::|=>|&&|\|\||\[['\"\w]*\]|^[\w.]+\[|%[sdvq]\b|%\d?\$?[sd]|^%|\\[dwsbxu][\[{(+*\\\d]|\(\?|\[\^|\[a-z|\\u[0-9a-f]{4}|</|/>|"
    rb"^[!#.][\w-]+[\s>.:\[]|\$this|^\w+\.\w+\.\w+$|^@[\w./-]+$|^\.?\.?/|^~/|^[A-Za-z]:\\|^&\w|^\w+\s*[+|]\s*\w+$"
)
_PLACE = re.compile(
    rb"^[a-z][a-z0-9+.-]*://|^(?:www\.|mailto:)|\.(?:jsx?|tsx?|py|rb|go|java|php|html?|css|json|ya?ml|xml|txt|md|pem|key|crt|"
    rb"png|jpe?g|svg|com|org|net|io|cfg|conf|ini|properties|sh|local)$|^[\w.-]*/[\w./-]*$|^/",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(
    rb"[a-z]+(?:[A-Z][a-z]+)+\d?|[A-Z][a-z]+(?:[A-Z][a-z]+)*\d?|[A-Z]+(?:[_-][A-Z]+)*[_-]?\d?|[a-z]+(?:[-_.:][a-z]+)+[-_]?\d?|[a-z]+\d?|"
    rb"[A-Za-z]+(?:[-_.][A-Za-z]+)+\d?"
)
_NUMBER = re.compile(
    rb"[-+]?(?:\d[\d.,:_/ -]*|0x[0-9a-f]+)(?:px|em|rem|ms|s|m|h|d|kb|mb|gb|%)?|v?\d+\.\d+[\w.+-]*", re.IGNORECASE
)
_UUID = re.compile(rb"[{(]?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[)}]?", re.IGNORECASE)
_HEX = re.compile(rb"[0-9a-f]+|[0-9A-F]+")
_SENTENCE = re.compile(rb"[A-Za-z,.!?:'] +[A-Za-z'(]|\s{2}|^\s|\s$|: ")
_HASHED = re.compile(
    rb"\$(?:\d\w?|apr1|argon2\w*|pbkdf2[\w-]*|scrypt|bcrypt[\w-]*)\$|\{(?:SSHA|SHA|MD5|bcrypt|noop|CRYPT)|pbkdf2[_:]|sha(?:1|256|512)[:$-]",
    re.IGNORECASE,
)

#: What a name says just before the word: it is not the secret itself that is named.
_ABOUT = re.compile(
    rb"(?:forgot(?:ten)?|reset|change|invalid|wrong|incorrect|missing|no|bad|hash(?:ed)?|encrypted|crypted|digest(?:ed)?|show|hide|toggle|confirm|require[sd]?|"
    rb"public|csrf|xsrf|antiforgery|next_?page|page|continuation|sync|cancellation|syntax|lexer|parser|primary|foreign|"
    rb"partition|sort|cache|unique|object|map|dict|hash|column|index|translation|i18n|locale|label|json|query|header|"
    rb"placeholder|idempotency|storage|session_?storage|local_?storage|dedup\w*|etag|keyboard|hot|short|shift|ctrl|arrow|"
    rb"option|registry|license_?file|event|routing|group|row|data|meta|sort|shared_?access_?policy|publishable)[-_]?$",
    re.IGNORECASE,
)

# Pairs of letters that English and the names in programs are made of: in random letters one of eight is among them.
_COMMON = frozenset(
    b"th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea "
    b"ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa ge ie "
    b"wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp fe bl ab "
    b"gh ty op wo sa ay ex ke fr oo av ag if ap gr od bo sp rd do uc bu ei ov by rm ep tt oc fa ef cu rn sc gi da yo cr cl du "
    b"ga qu ue ff ba ey ls va um pp ua up lu go ht ru ug ds lt pi rc rr eg au ck ew mu br bi pt ak pu ui rg ib tl ny ki rk ys "
    b"ob mm fu ph og ms ye ud mb ip ub oi rl gu dr hr cc tw ft wn nu af hu nn eo vo rv nf xp gn sm fl iz ok nl my gl aw ju oa "
    b"eq sy sl ps jo lf nv je nk kn gs dy hy ze ks xt bs ik dd pg fy".split()
)


def is_plausible(rule_entropy: float, value: bytes, before: bytes) -> bool:
    """Could the value of a loose rule be a credential? `before` is what stands before the rule's name on the line."""
    if _ABOUT.search(before):
        return False
    return is_made(value) if rule_entropy >= MADE else is_chosen(value)


def is_chosen(value: bytes) -> bool:
    """Could people have chosen this password? Not words alone, no code, no sentence, no path, no number, no hash."""
    if _TRIVIAL.fullmatch(value) or _NUMBER.fullmatch(value) or is_counting(value) or _HASHED.search(value):
        return False
    if _SENTENCE.search(value) or _CODE.search(value) or _PLACE.search(value):
        return False
    return not _IDENTIFIER.fullmatch(value) or (len(value) >= 12 and is_gibberish(value))  # noqa: PLR2004


def is_made(value: bytes) -> bool:
    """Did a machine make this key? Letters and digits without words; no identifier, path, number, UUID or hash of a file."""
    if b" " in value or _TRIVIAL.fullmatch(value) or _NUMBER.fullmatch(value) or _UUID.fullmatch(value):
        return False
    if is_counting(value) or _CODE.search(value) or _PLACE.search(value) or _HASHED.search(value):
        return False
    if _HEX.fullmatch(value):
        return len(value) >= 20 and bits(value) >= MADE  # noqa: PLR2004 - shorter ones are colours, versions and ids
    digits = sum(byte in b"0123456789" for byte in value)
    if digits == 0:
        return len(value) >= 16 and is_gibberish(value)  # noqa: PLR2004
    return (
        bits(value) >= min(MADE, 0.75 * log(len(value))) and (digits >= 3 or is_gibberish(value)) and not _dated(value)
    )


def log(size: int) -> float:
    """The most entropy that so many letters can have."""
    return float(size.bit_length())


def _dated(value: bytes) -> bool:
    """Words with a date or a version behind them: `release-2024-01-01`, `com.example.v1beta1`."""
    return bool(
        re.fullmatch(rb"(?:[A-Za-z]{2,}[-_.:/]?)+[\d.:_-]*(?:[-_.]?[A-Za-z]{2,})*\d{0,2}", value)
    ) and not is_gibberish(value)


def is_gibberish(value: bytes) -> bool:
    """Do its letters follow each other as no language lets them?"""
    letters = [
        pair
        for pair in zip(value, value[1:], strict=False)
        if (pair[0] | 32) in _LETTERS and (pair[1] | 32) in _LETTERS
    ]
    if len(letters) < 4:  # noqa: PLR2004
        return True
    known = sum(bytes((first | 32, second | 32)) in _COMMON for first, second in letters)
    return known < 0.66 * len(letters)


_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyz")
