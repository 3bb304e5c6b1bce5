"""Tells a claim from a label, a verdict, an order never to do a thing, or a measured value, by the words of one line."""

from __future__ import annotations

import re

from readycheck.document.blocks import Line
from readycheck.document.marks import Mark
from readycheck.document.parts import is_verdict
from readycheck.document.plain import plain, undecorated
from readycheck.document.words import either, fold, state_of

#: Labels that speak of the document or of a thing as a whole, not of a claim.
_LABELS = either(
    "status",
    "state",
    "statut",
    "estado",
    "stato",
    "zustand",
    "状态",
    "状態",
    "overall",
    "verdict",
    "score",
    "grade",
    "result",
    "date",
    "version",
    "author",
    "owner",
    "priority",
    "impact",
    "severity",
    "note",
    "notes",
    "warning",
    "important",
    "reminder",
    "caution",
    "tip",
    "danger",
    "attention",
    "hinweis",
    "achtung",
    "atencion",
    "注意",
    "risk",
    "confidence",
    "progress",
    "last updated",
    "next review",
    "reviewer",
    "approved by",
    "current status",
    "issue",
    "problem",
    "原因",
    "修复",
    "问题",
    "建议",
    "优先级",
    "观察",
    "说明",
    "严重程度",
    "fix",
    "solution",
    "recommendation",
    "recommandation",
    "conclusion",
    "final",
    "expected",
    "good",
    "bad",
    "level",
    "riesgo",
    "risque",
)
NEVER = either(
    "never",
    "don'?t",
    "do not",
    "avoid\\b",
    "must not",
    "should(?: not|n'?t)",
    "no (?:usar|use)\\b",
    "jamais",
    "ne (?:pas|jamais)",
    "nunca",
    "não ",
    "niemals",
    "mai\\b",
    "不要",
    "禁止",
    "切勿",
    "(?:bad|wrong|incorrect|good|right|correct|mistake|do|don'?ts?)\\s?:",
)
ANSWER = re.compile(r"(?P<text>.{2,200}?)\s*(?:[:：]\s+|\s[-–—]\s+)(?P<word>[^:：]{1,40})\Z")
_SAID = re.compile(r"(?P<text>.{2,400}?)\s+[-–—]\s+(?P<word>[^:：]{1,40})\Z")
_SWITCH = re.compile(r"(?i:true|false|on|off|yes|no|required|active|enabled|disabled)")
ENDS_A_SENTENCE = re.compile(r"[.!?。！？][*_]{0,3}\s*\Z")
#: An entry with more words before a closing tick is a sentence.
_LONGEST_ENTRY = 14
#: Labels are short (in words).
_LONGEST_LABEL = 3
#: A value that was measured claims nothing about what is done.
_MEASURE = re.compile(r"[:：]\s*[~<>≈≤≥]?\s*\d")
#: An order to look out for a sign is no claim that it stands there.
_LOOKS_OUT = either(
    "wait (?:for|until)",
    "look for",
    "you should see",
    "expect\\b",
    "should (?:show|say|see)",
    "attendre",
    "espera",
    "warte",
)
#: Words by which the line before a list announces what a command will do, or what its reader should see.
_COMES = either(
    r"(?:what )?(?:this|it|the (?:script|command|tool|job|workflow)) (?:script |command |tool |job |workflow )?"
    r"(?:does|will|is going to)\b",
    r"you (?:should|will|'ll) (?:now )?(?:see|get|have|be)\b",
    r"(?:[\w/ -]{1,40} )?should (?:be in|look|show|see|return|contain|include|print|output)\b",
    r".{0,80}\bwill (?:be|have|now be|automatically|include)\b",
    r"once (?:complete|done|deployed|finished)\b",
    r".{0,60}yapacaklar",
    "ce que fait",
    "vous devriez voir",
    "deberia(?:s)? ver",
    "voce deve(?:ra)? ver",
    "会执行",
    "应该看到",
)
_BARE_LINK = re.compile(r"\[[^\]]+\]\([^)]*\)[.,;]?|<?https?://\S+>?")


def text_of(markdown: str) -> str:
    """An item's words: without markup, without the pictures around them, and without a state that they end with."""
    text = undecorated(plain(markdown))
    found = _SAID.match(text)
    if found and state_of(found["word"]) is not None and not _SWITCH.fullmatch(found["word"]):
        text = found["text"]
    return text.strip().rstrip(":：").strip()


def is_label(text: str) -> bool:
    """Does the text begin with a label of the document (`Status: …`, `Overall risk: …`)?"""
    head, colon, _ = fold(text).replace("：", ":").partition(":")
    words = head.strip(" *_").split()
    if not colon or not words or len(words) > _LONGEST_LABEL:
        return False
    return bool(_LABELS.fullmatch(" ".join(words)) or _LABELS.fullmatch(words[-1]) or _LABELS.fullmatch(words[0]))


def tells_what_comes(lead: str) -> bool:
    """Does the line before a list say what a command does or should show, so that its ticks claim nothing?"""
    return bool(_COMES.match(fold(lead)))


def is_entry(text: str) -> bool:
    """Is this entry of a list a thing of its own, and no link, label, lead or measured value?"""
    words = plain(text)
    if not re.search(r"\w", words) or _BARE_LINK.fullmatch(text.strip()) or words.endswith((":", "：")):
        return False
    return not is_label(words) and not _MEASURE.search(words)


def claims(mark: Mark, line: Line) -> bool:
    """Is this a claim, and no verdict on the whole, no lead of a list and no label?"""
    text = plain(mark.text)
    if not text or is_verdict(undecorated(text)) or is_advice(text):
        return False
    if not line.listed and (text.endswith((":", "：")) or is_label(text)):
        return False
    return not is_label(text) or fold(text).startswith("warning")


def is_advice(text: str) -> bool:
    """Does the text order never to do a thing, or show the right way and the wrong one (`WRONG: …`)?"""
    return bool(NEVER.match(fold(text).lstrip(" *_\"'")))


def claims_at_its_end(mark: Mark) -> bool:
    """Does the mark that stands after a lead or at the end of a line claim something, rather than end a sentence?"""
    text = plain(mark.text)
    if not re.search(r"\w", text) or is_label(text) or is_verdict(text) or ENDS_A_SENTENCE.search(text):
        return False
    if _LOOKS_OUT.match(fold(text)):
        return False
    return ":" in text or "：" in text or " - " in text or len(text.split()) <= _LONGEST_ENTRY
