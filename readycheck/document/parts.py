"""What a heading says of the lines below it: a part of the document, their state, or that they are no claims."""

from __future__ import annotations

import re
from enum import StrEnum

from readycheck.document.plain import plain, undecorated
from readycheck.document.words import either, fold, leading_state
from readycheck.model import Claim


class Part(StrEnum):
    """The parts of a checklist that are not lists of items."""

    NONE = ""
    ACTIONS = "actions"
    METRICS = "metrics"
    STEPS = "deployment_steps"
    CONTACTS = "contacts"
    ROLLBACK = "rollback"


_PARTS = {
    Part.ROLLBACK: either(
        r"roll[ -]?back",
        "reversion plan",
        "revert",
        "retour arriere",
        "retour en arriere",
        "reversion",
        "回滚",
        "ロールバック",
        "rueckfall",
        "ruckfall",
        "откат",
        "backout",
        "back-out",
    ),
    Part.CONTACTS: either(
        r"contacts?\b(?! form| page| us\b| details form)",
        "escalation (?:path|matrix|list|chain)",
        "on-?call (?:rotation|schedule|engineers?|team)$",
        "contactos",
        "kontakte",
        "contatti",
        "联系人",
        "紧急联系",
        "緊急連絡先",
        "контакты",
        "ansprechpartner",
    ),
    Part.ACTIONS: either(
        r"(?:critical|required|immediate|mandatory|blocking|must-do) (?:actions?|steps?|tasks?)\b",
        "actions? (?:required|requises?|critiques?|before|to take)",
        "acciones (?:criticas|requeridas)",
        "acoes (?:criticas|necessarias)",
        "kritische (?:schritte|massnahmen)",
        "必须操作",
        "关键操作",
    ),
    Part.STEPS: either(
        r"(?:production |safe |manual )?(?:deployment|deploy|release|rollout|roll-out|go-?live|launch|cutover) "
        r"(?:steps|process|procedures?|plan|sequence|order|phases|workflow|instructions)",
        "(?:pre|post)-?(?:deployment|deploy|launch|release)(?: steps| procedure)?$",
        "steps to deploy",
        "how to deploy",
        "deployment steps",
        "etapes de (?:deploiement|mise en production)",
        "pasos de (?:despliegue|implementacion)",
        "passos de implantacao",
        "bereitstellungsschritte",
        "(?<!.)部署(?:步骤|流程)",
        "发布步骤",
        "デプロイ手順",
        "шаги развертывания",
    ),
    Part.METRICS: either(
        r"metrics?\b",
        r"kpis?\b",
        r"slos?\b",
        r"slas?\b",
        r"thresholds?\b",
        "benchmarks?",
        "(?:performance|quality|reliability) (?:targets?|goals?|requirements)",
        "expected performance",
        "success criteria",
        "指标",
        "metriques",
        "metricas",
        "kennzahlen",
    ),
}

#: A longer heading (in words) speaks of more than one part.
_LONGEST_TITLE = 9

#: Headings under which a tick that is no box makes no claim.
_NO_CLAIMS = either(
    "success criteria",
    "acceptance criteria",
    "exit criteria",
    "criteria",
    "definition of done",
    "criteres",
    "criterios",
    "erfolgskriterien",
    "成功标准",
    "验收标准",
    "expected (?:results?|output|outcomes?|behaviou?r|response)",
    "resultats attendus",
    "预期",
    "benefits",
    "advantages",
    "avantages",
    "beneficios",
    "vorteile",
    "优势",
    "why\\b",
    "overview$",
    "introduction$",
    "troubleshooting",
    "common (?:issues|mistakes|problems|errors)",
    "anti-?patterns?",
    "do'?s and don'?ts",
    "don'?ts\\b",
    "never\\b",
    "what not to",
    "legend",
    "legende",
    "leyenda",
    "图例",
    "status key",
    "key$",
    "before (?:and|vs\\.?|/) after",
    "comparison",
    "changelog",
    "change log",
    "version history",
    "revision history",
    "deployment (?:log|history)",
    "best practices",
    "recommendations$",
    "goals?$",
    "objectives?$",
    "objectifs?$",
    "目标$",
    "faq$",
    "tips$",
    "pro tips",
    "guidelines$",
    "features? comparison",
    "when to\\b",
    "how it works",
    "table of contents",
    "目录$",
    "key takeaways",
    "what (?:you'?ll|you will|to expect|happens)\\b",
    "wrong\\b",
    "right way",
    "lessons",
)
#: Words by which such a heading announces the answers after all.
_ANSWERS = either("status\\b", "results? of", "check(?:s|ed)?\\b", "passing")
_EXAMPLE = either(
    r"examples?\b", r"sample\b", r"exemples?\b", r"ejemplos?\b", r"beispiele?\b", "示例", "templates?$", "模板$"
)
_EXAMPLE_OF = either(r"(?:template )?examples?$", "示例$")
_CHECKLIST = either(
    "check ?-?list",
    "to-?do",
    "liste de controle",
    "lista de (?:verificacion|chequeo|verificacao)",
    "清单",
    "检查表",
    "チェックリスト",
    "чек-?лист",
)
_LEGEND = either(
    "(?:status )?legend\\b", "legende", "leyenda", "legenda", "(?:status )?key$", "图例", "凡例", "условные обозначения"
)
_VERDICT = either(
    "production[- ]ready\\b",
    "ready (?:for|to) (?:production|deploy|launch|go|use|ship)",
    "no (?:critical |major |known )?issues",
    "all systems",
    "approved for",
    "final (?:verdict|assessment|status|result|grade)",
    "overall",
    "congratulations",
    "conclusion",
    "deployment (?:successful|complete|approved|ready|readiness)",
    "pret pour la production",
    "go\\b",
    "success$",
    "100% ",
    "approved",
    "executive summary",
    "summary",
    "resume$",
    "resumen",
    "摘要",
    "执行摘要",
    "总结",
    "检查总结",
    "整体",
    "结论",
)
_DONE = either(
    "completed?\\b",
    "done\\b",
    "implemented\\b",
    "finished\\b",
    "what'?s (?:working|complete|done|ready|good)",
    "working well",
    "ready components?",
    "strengths\\b",
    "already (?:done|in place|implemented)",
    "in place\\b",
    "passing\\b",
    "fully ready",
    "100%",
    "termine",
    "realise",
    "fait\\b",
    "completado",
    "concluido",
    "erledigt",
    "mga tapos na",
    "已完成",
    "已实现",
    "完成済",
    "готово",
)
_TODO = either(
    "to-?do\\b",
    "remaining\\b",
    "missing\\b",
    "needs? (?:implementation|work|attention|fixing|to be)",
    "pending\\b",
    "not (?:done|implemented|started|complete|ready|working)",
    "must (?:fix|complete|have before)",
    "outstanding\\b",
    "gaps?\\b",
    "blockers?\\b",
    "still need",
    "what'?s (?:needed|missing|left|not)",
    "required before",
    "a faire",
    "restant",
    "pendiente",
    "por hacer",
    "pendente",
    "offen\\b",
    "ausstehend",
    "待修复",
    "需要添加",
    "待办",
    "未完成",
    "缺失",
    "必须修复",
    "нужно сделать",
    "next steps before",
)
_PROGRESS = either(
    "in[- ]progress", "ongoing\\b", "partially", "en cours", "en progreso", "em andamento", "进行中", "部分实现"
)

_NUMBER = re.compile(
    r"^\s*(?:\d{1,3}(?:\.\d{1,3})+[.)]?\s+|(?:phase|step|part|section|stage|étape|etapa|schritt|阶段|第)?\s*\d{1,3}(?:\.\d{1,3})*\s*[.):：、-]\s*)",
    re.IGNORECASE,
)
_COUNTER = re.compile(
    r"\s*[(\[（]?\s*\d{1,4}\s*/\s*\d{1,4}(?:\s*(?:complete[d]?|done|items?|✅))?\s*[)\]）]?\s*$", re.IGNORECASE
)
_SHARE = re.compile(r"\s*[(\[（]\s*\d{1,3}(?:\.\d+)?\s*%[^()\[\]]{0,30}[)\]）]\s*:?\s*$")


def title_of(heading: str) -> str:
    """The words of a heading without number, pictures and counters (`## ✅ 1. Security (6/8)` is `Security`)."""
    text = undecorated(plain(heading)).rstrip("#").strip()
    shorter = undecorated(_SHARE.sub("", _COUNTER.sub("", undecorated(_NUMBER.sub("", text, count=1)))))
    return shorter.strip(" :-–—：") or text.strip() or heading.strip()


def part_of(title: str) -> Part:
    """The part that a heading opens by its words, `Part.NONE` for a list of items."""
    folded = fold(title)
    if len(folded.split()) > _LONGEST_TITLE:
        return Part.NONE
    return next((part for part, pattern in _PARTS.items() if pattern.search(folded)), Part.NONE)


def claims_nothing(title: str) -> bool:
    """Do ticks below this heading list criteria, advice or examples?"""
    folded = fold(title)
    return bool(_NO_CLAIMS.search(folded)) and not _ANSWERS.search(folded)


def is_example(title: str) -> bool:
    """Does the heading announce an example or a template?"""
    folded = fold(title)
    return bool(_EXAMPLE.match(folded) or (len(folded.split()) <= _LONGEST_TITLE // 2 and _EXAMPLE_OF.search(folded)))


def is_checklist(title: str) -> bool:
    """Does the document call itself a list of what has to be done?"""
    return bool(_CHECKLIST.search(fold(title)))


def is_legend(text: str) -> bool:
    """Does the text announce the meanings of the signs?"""
    return bool(_LEGEND.match(fold(text).strip(" :：")))


def is_verdict(text: str) -> bool:
    """Does the text judge the whole, rather than one thing?"""
    return bool(_VERDICT.match(fold(text)))


def told_state(title: str) -> Claim | None:
    """The state that a heading gives the plain entries below it (`Completed`, `Remaining tasks`), or None."""
    folded = fold(title)
    if _PROGRESS.search(folded):
        return Claim.IN_PROGRESS
    if _TODO.search(folded):
        return Claim.TODO
    if _DONE.search(folded):
        return Claim.DONE
    return leading_state(title)
