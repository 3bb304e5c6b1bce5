"""Judges the values of loose rules: is this a password that somebody chose, or a key that a machine made, or just a word?

A loose rule knows its credential by the name that stands before it alone (`password = …`, `token: …`), so the value must
speak for itself. Passwords are what people type; keys are random. What is found depends on the line alone.
"""

from __future__ import annotations

import re
from itertools import pairwise

from readycheck.gather.secrets.harmless import bits, is_counting

#: The least entropy that a rule asks for, in bits a letter, for its values to be judged as made by a machine.
MADE = 3.0
#: Loose rules do not read longer lines: they are data or minified code.
LONGEST_LINE = 4096

# Words that stand where a password belongs and are none: its own names, roles, products, what a form or a type says.
_WORDS = frozenset(
    b"my the new old some an this is no not any set get enter please type in for of to and with use user users usr name admin "
    b"administrator root guest demo test tests testing foo bar baz qux spam eggs hello world default empty none null nil "
    b"undefined true false yes on off string str text bytes byte char int integer number bool boolean object array void value "
    b"values required optional hidden invalid valid wrong correct missing incorrect bad good strong weak random generated "
    b"generate auto input field form label hash hashed plain plaintext encrypted basic bearer digest oauth2 oauth login logon "
    b"pass passwd password passwords passw0rd p4ssw0rd passphrase passcode pwd pw secret secrets token tokens key keys api "
    b"apikey access auth authorization credentials credential client private public session csrf xsrf refresh id db database "
    b"mysql postgres postgresql mongo mongodb redis rabbitmq oracle sa sql server service account app application host local "
    b"localhost dev prod production development staging ci docker github gitlab aws google azure const readonly static final "
    b"let var function return self super request response data config settings options env environment variable mock stub "
    b"mocked keep same here placeholder lorem ipsum unused ignored ignore disabled enabled rest http https url uri file path "
    b"email mail phone current confirm confirmation repeat reset forgot change update create delete remove add show hide save "
    b"cancel submit ok error warning message title description abc xyz asdf asdfgh qwerty letmein changeit secure very top "
    b"bottom left right simple long short ".split()
)
_CODE = re.compile(
    rb"^--?[A-Za-z]|^\w{1,12}\.[A-Z]\w+$|^\w+\.(?:password|passwd|pass|pwd|token|secret|key)$|^\+[\w.]+\+$|^\.\$|^\w+:$|\w\(|\)\s*[;.{]|^\(|->|::|=>|&&|\|\||\[['\"\w]*\]|^[\w.]+\[|%[sdvq]\b|%\d?\$?[sd]|^%|\\[dwsbxu][\[{(+*\\\d]|\(\?|\[\^|\[a-z|\\u[0-9a-f]{4}|</|/>|"
    rb"^[!#.][\w-]+[\s>.:\[]|\$this|^\w+\.\w+\.\w+$|^@[\w./-]+$|^\.?\.?/|^~/|^[A-Za-z]:\\|^&\w|^\w+\s+[+|]\s+\w+$"
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
_DATED = re.compile(rb"(?:[A-Za-z]{2,}[-_.:/])*[A-Za-z]*[\d.:_-]*(?:[-_.][A-Za-z]{2,})*\d{0,2}")
_TAIL = re.compile(rb"(?:\d|[!.*?]{1,3})$")
_APART = re.compile(rb"[-_. /:]+")
_LONGEST_WORD = max(map(len, _WORDS))
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
    rb"public|csrf|xsrf|authenticity|antiforgery|next_?page|page|continuation|sync|cancellation|syntax|lexer|parser|primary|foreign|"
    rb"partition|sort|cache|unique|object|map|dict|hash|column|index|translation|i18n|locale|label|json|query|header|"
    rb"placeholder|idempotency|storage|session_?storage|local_?storage|dedup\w*|etag|keyboard|hot|short|shift|ctrl|arrow|"
    rb"option|registry|license_?file|event|routing|group|row|data|meta|sort|shared_?access_?policy|publishable)[-_]?$",
    re.IGNORECASE,
)

# `ID/PW: account/password`: what follows is no password alone.
_PAIR = re.compile(rb"(?:\bid|user|account|\xea\xb3\x84\xec\xa0\x95)[/:&(]$", re.IGNORECASE)
_SPLIT = re.compile(rb"\w+[/,=(]")

# Code that is indented within a comment and calls something shows how a function is used.
_USAGE = re.compile(rb"[ \t]*(?:#|//+|\*)[ \t]{2,}[^\n]*?(?:\w\.\w|\()")

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


def is_plausible(rule_entropy: float, value: bytes, before: bytes, *, sure: bool = False) -> bool:
    """Could the value of a loose rule be a credential?

    `before` is what stands before the rule's name on the line. In a `sure` place nothing but a credential stands (behind
    an account in a URL), so that common words and UUIDs count too.
    """
    if _ABOUT.search(before) or (_PAIR.search(before) and _SPLIT.match(value)):
        return False
    return is_made(value, sure=sure) if rule_entropy >= MADE else is_chosen(value, sure=sure)


def is_usage(line: bytes) -> bool:
    """Is the line, as far as it goes, an example of use in a comment: `#   user.authenticate(`?"""
    return bool(_USAGE.match(line))


def is_chosen(value: bytes, *, sure: bool = False) -> bool:
    """Could people have chosen this password? Not words alone, no code, no sentence, no path, no number, no hash."""
    if is_words(value) or _NUMBER.fullmatch(value) or is_counting(value) or _HASHED.search(value):
        return False
    if _SENTENCE.search(value) or _CODE.search(value) or _PLACE.search(value):
        return False
    return sure or not _IDENTIFIER.fullmatch(value) or (len(value) >= 12 and is_gibberish(value))  # noqa: PLR2004


def is_made(value: bytes, *, sure: bool = False) -> bool:
    """Did a machine make this key? Letters and digits without words; no identifier, path, number, UUID or hash of a file."""
    if b" " in value or _NUMBER.fullmatch(value) or (_UUID.fullmatch(value) and not sure) or is_words(value):
        return False
    if is_counting(value) or _CODE.search(value) or _HASHED.search(value) or _is_place(value):
        return False
    if _HEX.fullmatch(value):
        return len(value) >= 20 and bits(value) >= MADE  # noqa: PLR2004 - shorter ones are colours, versions and ids
    digits = sum(byte in b"0123456789" for byte in value)
    if digits == 0:
        return len(value) >= 16 and is_gibberish(value)  # noqa: PLR2004
    return (digits >= 3 or is_gibberish(value)) and not _is_dated(value)  # noqa: PLR2004


def _is_place(value: bytes) -> bool:
    """Is it a URL, a path or the name of a file? Base64 has slashes too, but no words between them."""
    return bool(_PLACE.search(value)) and (b"://" in value or not is_gibberish(value))


def _is_dated(value: bytes) -> bool:
    """Is it words with a date or a version behind them: `release-2024-01-01`, `com.example.v1beta1`?"""
    return bool(_DATED.fullmatch(value)) and not is_gibberish(value)


def is_words(value: bytes) -> bool:
    """Is it nothing but words that stand where a password belongs, with a little punctuation or a number behind them?"""
    if len(value) > 48:  # noqa: PLR2004
        return False
    letters = _TAIL.sub(b"", value).lower()
    return all(_is_of_words(part) for part in _APART.split(letters) if part)


def _is_of_words(part: bytes) -> bool:
    """Can it be cut into known words? `reached` holds the places where a word may begin."""
    if part in _WORDS:
        return True
    reached, last = {0}, 0
    for end in range(2, len(part) + 1):
        if end - last > _LONGEST_WORD:
            return False
        for start in reached:
            if part[start:end] in _WORDS:
                reached.add(end)
                last = end
                break
    return last == len(part)


def is_gibberish(value: bytes) -> bool:
    """Do its letters follow each other as no language lets them?"""
    letters = [pair for pair in pairwise(value) if (pair[0] | 32) in _LETTERS and (pair[1] | 32) in _LETTERS]
    if len(letters) < 4:  # noqa: PLR2004
        return True
    known = sum(bytes((first | 32, second | 32)) in _COMMON for first, second in letters)
    return known < 0.66 * len(letters)


_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyz")
