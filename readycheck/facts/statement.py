"""Which SQL may be asked of a database: one plain reading statement, and nothing that only looks like one."""

from __future__ import annotations

import re

#: The statements that read. `SHOW` and `PRAGMA` say how a server or a file is set up.
READING = ("SELECT", "WITH", "SHOW", "PRAGMA")

# A quote within quotes is doubled; backslashes are refused beforehand, because servers disagree on what they escape.
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`")
_WRITING = re.compile(
    r"\b(?:insert|update|delete|merge|replace\s+into|into|truncate|drop|alter|create|grant|revoke|copy|call|execute|lock|share)\b",
    re.IGNORECASE,
)
# What a read-only transaction lets through although it reaches beyond reading: other sessions, files, sequences, sleep.
_REACHING = re.compile(
    r"\b(?:pg_(?:terminate|cancel)_backend|pg_reload_conf|pg_rotate_logfile|pg_promote|pg_switch_wal|pg_sleep\w*|pg_read_\w+"
    r"|pg_ls_\w+|pg_(?:try_)?advisory\w+|pg_logical_\w+|pg_(?:create|drop|copy)_\w*slot|pg_stat_reset\w*|pg_notify"
    r"|lo_\w+|dblink\w*|set_config|nextval|setval|query_to_xml\w*|load_extension|load_file|readfile|writefile|edit"
    r"|fts3_tokenizer|sleep|benchmark|get_lock|release_lock|master_pos_wait|randomblob|zeroblob)\s*\(",
    re.IGNORECASE,
)
#: Pragmas that only tell (sqlite.org/pragma.html). Most others set something when they are given a value.
TELLING = frozenset(
    """
    application_id auto_vacuum collation_list compile_options database_list encoding foreign_key_check foreign_key_list
    freelist_count function_list index_info index_list index_xinfo integrity_check journal_mode page_count page_size
    quick_check schema_version secure_delete synchronous table_info table_list table_xinfo user_version
    """.split()  # noqa: SIM905 - a list of words, not of literals
)
#: Those that take the name of an object. `journal_mode(DELETE)` would set the mode.
ASKING = frozenset(name for name in TELLING if name.startswith(("foreign_key_", "index_", "table_")))
_PRAGMA = re.compile(r"PRAGMA\s+(?:\w+\.)?(?P<name>\w+)\s*(?P<argument>\(\s*(?:\w+|'')\s*\))?\Z", re.IGNORECASE)


def require_reading(sql: str) -> str:
    """The statement without its closing semicolon.

    This is the first of two guards and errs on the side of refusing; the second is a read-only transaction.

    Raises:
        ValueError: it is not one plain `SELECT`, `WITH … SELECT`, `SHOW` or `PRAGMA` without comments.
    """
    text = sql.strip().removesuffix(";").strip()
    _refuse_disguises(text)
    code = _QUOTED.sub("''", text)
    first = code.split(None, 1)[0].upper() if code else "nothing"
    if first not in READING:
        raise ValueError(f"only {', '.join(READING)} may be asked of a database, not {first[:20]}")
    if first == "PRAGMA":
        _require_telling(code)
    if re.search(r"''\s*\(", code):
        raise ValueError("a quoted name is called as a function; write it without quotes")
    if ";" in code:
        raise ValueError("one statement only: a semicolon stands inside it")
    for pattern in (_WRITING, _REACHING):
        found = pattern.search(code)
        if found:
            raise ValueError(f"the statement must only read, and {found[0]!r} may do more; quote it if it is a name")
    return text


def _refuse_disguises(text: str) -> None:
    """Refuse what servers read differently, so that a quote ends here where it ends there."""
    if "\0" in text or re.search(r"\\['\"`]", text) or re.search(r"\$\w*\$", text):
        raise ValueError("backslashes before a quote and dollar quotes are refused: servers read them differently")
    code = _QUOTED.sub("''", text)
    if re.search(r"--|/\*|\*/|#", code) or re.search(r"['\"]", code.replace("''", "")):
        raise ValueError("the statement must have no comments and no open quotes")


def _require_telling(code: str) -> None:
    pragma = _PRAGMA.match(code)
    name = pragma["name"].lower() if pragma else ""
    if pragma is None or name not in TELLING or (pragma["argument"] and name not in ASKING):
        raise ValueError("a PRAGMA must only tell something, such as `PRAGMA user_version`")
