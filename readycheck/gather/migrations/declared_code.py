"""Finds the indexes that JavaScript, TypeScript, PHP and Ruby declare with the builders and models of their frameworks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from readycheck.facts.migrations import SourceIndex

_NAME = r"[\"'`:](?P<{0}>[\w.]{{1,100}})[\"'`]?"
_COLUMNS = r"(?P<columns>\[[^\]]{1,300}\]|[\"'`:]\w{1,100}[\"'`]?)"
_WORD = re.compile(r"[\"'`:](\w+)")
# Where a table's part of the code begins; it ends where the next one begins.
_TABLES = {
    ".php": re.compile(rf"Schema::(?:create|table)\(\s*{_NAME.format('table')}"),
    ".rb": re.compile(rf"\b(?:create_table|change_table)\s*\(?\s*{_NAME.format('table')}(?P<options>[^\n]*)"),
    ".js": re.compile(rf"\.(?:createTable|createTableIfNotExists|alterTable|table)\(\s*{_NAME.format('table')}"),
}
# A list of columns, and then what is said of the index up to the end of the statement.
_LISTED = {
    ".php": re.compile(rf"\$\w+->(?:index|unique)\(\s*{_COLUMNS}(?P<options>[^;]*)"),
    ".rb": re.compile(rf"\bt\.index\s*\(?\s*{_COLUMNS}(?P<options>[^\n]*)"),
    ".js": re.compile(rf"\b\w+\.(?:index|unique)\(\s*{_COLUMNS}(?P<options>[^;\n]*)"),
}
# A column that is told to have an index.
_MARKED = {
    ".php": re.compile(rf"\$\w+->\w+\(\s*{_NAME.format('column')}[^;]*?\)\s*->(?:index|unique)\(\s*\)"),
    ".rb": re.compile(
        rf"\bt\.\w+\s*\(?\s*{_NAME.format('column')}[^\n]*\bindex:\s*(?:true\b|\{{(?P<options>[^}}\n]*))"
    ),
    ".js": re.compile(rf"\b\w+\.\w+\(\s*{_NAME.format('column')}[^;]*?\)\s*\.(?:index|unique)\(\s*\)"),
}
_REFERENCE = re.compile(rf"\bt\.(?:references|belongs_to)\s*\(?\s*{_NAME.format('column')}(?P<options>[^\n]*)")
_OTHERWISE = re.compile(
    r"\bwhere\b|\b(?:using|algorithm|indexType|type)\b|\bpolymorphic\b|\bopclass\b|fulltext|spatial", re.IGNORECASE
)
_NAMED = re.compile(r"\bname\s*[:=]>?\s*[\"'`](\w+)[\"'`]|\]?\s*,\s*[\"'`](\w+)[\"'`]\s*\)?")

_ENTITY = re.compile(r"@Entity\((?P<options>[^)]*)\)(?P<between>.{0,2000}?)\bclass\s+(?P<model>\w+)", re.DOTALL)
_ENTITY_INDEX = re.compile(
    r"@(?:Index|Unique)\(\s*(?:[\"'`](?P<name>\w+)[\"'`]\s*,\s*)?\[(?P<columns>[^\]]*)\](?P<options>[^)]*)\)"
)
_FIELD = re.compile(
    r"(?P<decorators>(?:@\w+\((?:[^()]|\([^()]*\))*\)\s*)+)(?:(?:public|private|protected|readonly)\s+)*(?P<field>\w+)\s*[!?]?\s*:"
)
_FIELD_INDEX = re.compile(r"@Index\(\s*(?:[\"'`](?P<name>\w+)[\"'`])?\s*(?P<options>[^)]*)\)")
_TABLE_INDEX = re.compile(
    rf"createIndex\(\s*{_NAME.format('table')}\s*,\s*new\s+TableIndex\(\s*\{{(?P<options>[^}}]*)\}}", re.DOTALL
)
_MODEL = re.compile(r"\.define\(\s*[\"'`](?P<model>\w+)[\"'`]|\b(?P<class>[A-Z]\w*)\.init\(")
_INDEXES = re.compile(r"\bindexes\s*:\s*\[")
_INDEX_FIELDS = re.compile(r"\{[^{}]*\bfields\s*:\s*\[(?P<columns>[^\]{}]*)\][^{}]*\}")


def builders(path: str, text: str) -> Iterator[SourceIndex]:
    """What Laravel's Blueprint, Rails' table definitions and Knex's table builder are told, each within its table."""
    ending = ".php" if path.endswith(".php") else ".rb" if path.endswith(".rb") else ".js"
    starts = [*_TABLES[ending].finditer(text)]
    for at, start in enumerate(starts):
        end = starts[at + 1].start() if at + 1 < len(starts) else len(text)
        for match in _LISTED[ending].finditer(text, start.end(), end):
            yield from _index(path, text, start["table"], match, tuple(_WORD.findall(match["columns"])))
        for match in _MARKED[ending].finditer(text, start.end(), end):
            if not re.search(r"references|belongs_to", match[0]):
                yield from _index(path, text, start["table"], match, (match["column"],))
        # Since Rails 5 a reference has an index unless it says otherwise.
        if ending == ".rb" and re.search(r"Migration\[(?:[5-9]|\d\d)", text):
            for match in _REFERENCE.finditer(text, start.end(), end):
                if not re.search(r"index:\s*(?:false|\{)", match["options"]):
                    yield from _index(path, text, start["table"], match, (f"{match['column']}_id",))


def _index(path: str, text: str, table: str, match: re.Match[str], columns: tuple[str, ...]) -> Iterator[SourceIndex]:
    told = match.groupdict()
    options = told.get("options") or ""
    if columns and not _OTHERWISE.search(re.sub(r"using:\s*:btree|using:\s*\"btree\"", "", options)):
        named = _NAMED.search(options)
        name = told.get("name") or ((named[1] or named[2]) if named else "")
        yield SourceIndex(table.rpartition(".")[2], columns, path, text.count("\n", 0, match.start()) + 1, name)


def typeorm(path: str, text: str) -> Iterator[SourceIndex]:
    """Entities of TypeORM with their indexes, and the indexes that its migrations create."""
    for match in _TABLE_INDEX.finditer(text):
        listed = re.search(r"columnNames\s*:\s*\[([^\]]*)\]", match["options"])
        if listed:
            yield from _index(path, text, match["table"], match, tuple(_WORD.findall(listed[1])))
    entities = [*_ENTITY.finditer(text)]
    for at, entity in enumerate(entities):
        end = entities[at + 1].start() if at + 1 < len(entities) else len(text)
        named = re.search(r"[\"'`](\w+)[\"'`]", entity["options"])
        table = named[1] if named else _snake(entity["model"])
        fields = [*_FIELD.finditer(text, entity.end(), end)]
        columns = {field["field"]: _column_of(field) for field in fields}
        before = text.rfind("\n}", 0, entity.start()) + 1
        for match in (
            *_ENTITY_INDEX.finditer(text, before, entity.start()),
            *_ENTITY_INDEX.finditer(text, entity.start("between"), end),
        ):
            yield from _index(
                path, text, table, match, tuple(columns.get(name, name) for name in _WORD.findall(match["columns"]))
            )
        for field in fields:
            for match in _FIELD_INDEX.finditer(text, field.start("decorators"), field.end("decorators")):
                yield from _index(path, text, table, match, (columns[field["field"]],))


def _column_of(field: re.Match[str]) -> str:
    """The name that its decorator gives it; a reference is stored under the name of the other key."""
    own = re.search(r"@(?:Column|JoinColumn)\(\s*(?:\{[^}]*?\bname\s*:\s*)[\"'`](\w+)[\"'`]", field["decorators"])
    joined = re.search(r"@(?:ManyToOne|OneToOne)\(", field["decorators"])
    return own[1] if own else f"{field['field']}Id" if joined else field["field"]


def sequelize(path: str, text: str) -> Iterator[SourceIndex]:
    """The `indexes` of Sequelize's models; a model without a table's name has the plural of its own."""
    models = [*_MODEL.finditer(text)]
    for at, model in enumerate(models):
        part = text[model.start() : models[at + 1].start() if at + 1 < len(models) else len(text)]
        named = re.search(r"\btableName\s*:\s*[\"'`](\w+)[\"'`]", part)
        own = re.search(r"\bmodelName\s*:\s*[\"'`](\w+)[\"'`]", part)
        name = own[1] if own else model["model"] or model["class"]
        table = named[1] if named else name if re.search(r"freezeTableName\s*:\s*true", part) else _plural(name)
        snakes = re.search(r"\bunderscored\s*:\s*true", part)
        for listed in _INDEXES.finditer(part):
            for match in _INDEX_FIELDS.finditer(part, listed.end()):
                columns = [_snake(word) if snakes else word for word in _WORD.findall(match["columns"])]
                if columns and not _OTHERWISE.search(match[0]):
                    called = re.search(r"\bname\s*:\s*[\"'`](\w+)[\"'`]", match[0])
                    line = text.count("\n", 0, model.start() + match.start()) + 1
                    yield SourceIndex(table, tuple(columns), path, line, called[1] if called else "")


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def _plural(name: str) -> str:
    if re.search(r"[^aeiou]y$", name):
        return f"{name[:-1]}ies"
    return f"{name}es" if re.search(r"(?:s|x|z|ch|sh)$", name) else f"{name}s"
