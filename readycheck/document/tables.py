"""Reads tables: which have a state for each row, and which are metrics with their targets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from readycheck.document.blocks import Row, Table
from readycheck.document.marks import Legend, cell_state, is_boxed
from readycheck.document.model import Item
from readycheck.document.plain import plain, undecorated
from readycheck.document.words import either, fold
from readycheck.model import Claim

_STATE = either(
    "status",
    "state\\b",
    "done\\b",
    "complete",
    "ready\\b",
    "result",
    "check(?:ed)?$",
    "implemented",
    "verified",
    "progress",
    "✓",
    "✅",
    "☑",
    "etat",
    "statut",
    "estado",
    "stato",
    "zustand",
    "situacao",
    "状态",
    "状態",
    "完成",
    "상태",
    "статус",
    "الحالة",
    "durum",
    "pass(?:ed)?\\b",
    "met\\b",
)
_PRODUCTION = re.compile("prod(?:uction)?|live|生产|produccion|producao|produktion")
_TEXT = (
    either(
        "item",
        "check(?:list)?\\b",
        "task",
        "requirement",
        "control",
        "test\\b",
        "tests\\b",
        "criteri",
        "action",
        "description",
        "element",
        "elemento",
        "tarea",
        "tarefa",
        "检查项",
        "项目",
        "任务",
        "項目",
        "пункт",
        "anforderung",
        "exigence",
    ),
    either(
        "feature",
        "component",
        "name\\b",
        "service",
        "area",
        "category",
        "aspect",
        "module",
        "step",
        "what",
        "capability",
        "endpoint",
        "功能",
        "类别",
        "模块",
        "composant",
        "componente",
        "bereich",
    ),
)
_NO_TEXT = either(
    "#",
    "no\\.?$",
    "id$",
    "nr",
    "num",
    "n°",
    "priority",
    "severity",
    "owner",
    "date",
    "notes?",
    "score",
    "序号",
    "编号",
    "优先级",
    "负责人",
    "备注",
)
_NO_ITEMS = either(
    "date\\b",
    "timestamp",
    "time$",
    "deployed",
    "signature",
    "sign-?off",
    "approver",
    "variable",
    "env",
    "key$",
    "version",
    "commit",
    "日期",
    "变量",
    "fecha",
)
_TARGET = either(
    "targets?",
    "goal",
    "threshold",
    "objecti",
    "objetivo",
    "meta\\b",
    "ziel",
    "sla\\b",
    "slo\\b",
    "budget",
    "limit\\b",
    "expected",
    "required value",
    "benchmark",
    "cible",
    "目标",
    "目標",
    "阈值",
    "目标值",
    "hedef",
    "цель",
)
_CURRENT = either(
    "current",
    "actual",
    "now\\b",
    "measured",
    "achieved",
    "observed",
    "today",
    "baseline",
    "value$",
    "actuel",
    "valeur",
    "aktuell",
    "attuale",
    "当前",
    "实际",
    "現在",
    "mevcut",
    "текущ",
)
_METRIC = either(
    "metric",
    "kpi",
    "indicator",
    "measure",
    "slo\\b",
    "sli\\b",
    "indicateur",
    "metrica",
    "indicador",
    "kennzahl",
    "指标",
    "指標",
    "метрика",
    "name\\b",
    "item",
    "aspect",
    "category",
)
_SUM = either("total\\b", "overall\\b", "summary\\b", "sum\\b", "average\\b", "总计", "合计", "gesamt", "общ")


class Metric(NamedTuple):
    """A row of a metrics table, or an entry of a list of targets."""

    line: int
    name: str
    target: str
    current: str


def _column(head: tuple[str, ...], pattern: re.Pattern[str], taken: tuple[int, ...] = ()) -> int:
    return next(
        (at for at, cell in enumerate(head) if at not in taken and pattern.match(fold(plain(cell)).strip())), -1
    )


def metrics_of(table: Table) -> tuple[Metric, ...]:
    """The metrics of a table that has a column of targets and one of current values, else none."""
    target = _column(table.head, _TARGET)
    current = _column(table.head, _CURRENT, (target,))
    name = _column(table.head, _METRIC, (target, current))
    if target < 0 or (name < 0 and current < 0):
        return ()
    if current < 0 and (_column(table.head, _STATE) >= 0 or not _column(table.head, _METRIC) >= 0):
        return ()
    name = max(name, 0)
    return tuple(
        Metric(row.line, undecorated(plain(_cell(row, name))), plain(_cell(row, target)), plain(_cell(row, current)))
        for row in table.rows
        if plain(_cell(row, name))
    )


def _cell(row: Row, column: int) -> str:
    return row.cells[column] if 0 <= column < len(row.cells) else ""


def items_of_table(table: Table, legend: Legend) -> Iterator[Item]:
    """An item for each row of a table that has a column of states."""
    if not table.rows or metrics_of(table) or _NO_ITEMS.match(fold(plain(table.head[0])) if table.head else ""):
        return
    state = _state_column(table, legend)
    text = _text_column(table, state)
    if state < 0 or text < 0:
        return
    for row in table.rows:
        # What is not said in words that we know is not done.
        claim = cell_state(_cell(row, state), legend) or Claim.TODO
        words = undecorated(plain(_cell(row, text)))
        if re.search(r"\w", words) and not _SUM.match(fold(words)):
            yield Item(row.line, row.line, words, claim, "table")


def _state_column(table: Table, legend: Legend) -> int:
    named = [at for at, cell in enumerate(table.head) if _STATE.match(fold(plain(cell)).strip())]
    shares = {at: _share(table, at, legend) for at in range(len(table.head))}
    for at in sorted(named, key=lambda at: -shares[at]):
        if shares[at] >= 0.5:  # noqa: PLR2004 - half of what stands there says a state
            return at
    boxes = [at for at in range(len(table.head)) if _share(table, at, legend, boxes=True) >= 0.8]  # noqa: PLR2004
    if len(boxes) == 1:
        return boxes[0]
    signs = [at for at in range(1, len(table.head)) if _share(table, at, legend, signs=True) >= 0.8]  # noqa: PLR2004
    if len(signs) == 1:
        return signs[0]
    # A column for each environment: what counts is the one that the document is about.
    return next((at for at in signs if _PRODUCTION.fullmatch(fold(plain(table.head[at])).strip())), -1)


def _share(table: Table, column: int, legend: Legend, *, signs: bool = False, boxes: bool = False) -> float:
    cells = [_cell(row, column) for row in table.rows]
    filled = [cell for cell in cells if cell.strip()]
    if len(filled) * 2 < len(cells) or not filled:
        return 0.0
    known = [cell for cell in filled if (is_boxed(cell) if boxes else _says(cell, legend, signs=signs))]
    return len(known) / len(filled)


def _says(cell: str, legend: Legend, *, signs: bool) -> bool:
    if signs and plain(cell).isascii() and "[" not in cell:
        return False
    return cell_state(cell, legend) is not None


def _text_column(table: Table, state: int) -> int:
    for pattern in _TEXT:
        found = _column(table.head, pattern, (state,))
        if found >= 0:
            return found
    for at, cell in enumerate(table.head):
        values = [plain(_cell(row, at)) for row in table.rows]
        if (
            at != state
            and not _NO_TEXT.match(fold(plain(cell)).strip())
            and any(re.search(r"[^\W\d]{2}", value) for value in values)
        ):
            return at
    return -1
