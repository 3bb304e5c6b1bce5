"""The words that matter in a line, in one form whatever their ending, spelling or usual synonym."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

from readycheck.document.words import fold

#: Spellings of one thing in folded text: letters without which it cannot be there, the pattern, and the word that stands for it.
_SYNONYMS = (
    ("ci", r"\bci ?[/&-] ?cd\b", "cicd"),
    ("e2e end", r"\be2e\b|\bend[ -]to[ -]end\b", "endtoend"),
    (
        "rate throttl",
        r"\brate[ -]?limit(?:s|t?ing|er|ers|t?ed|ations?)?\b|\bthrottl(?:e|ing|ed)\b|\blimit(?:s)? rates?\b",
        "ratelimit",
    ),
    ("health", r"\bhealth[ -]?check(?:s|ing|er)?\b|/health[z/]*|/healthz|/api/health", "healthcheck"),
    ("scal", r"\bauto[ -]?scal(?:e|ing|er)\b", "autoscaling"),
    ("+", r"\bn ?\+ ?1\b", "nplusone"),
    ("tls ssl", r"\bssl ?/ ?tls\b|\btls ?/ ?ssl\b|\btls\b|\bssl\b", "tls"),
    ("db бд", r"\bdb\b|\bбд\b", "database"),
    ("postgres", r"\bpostgres(?:ql)? database\b", "postgresql database"),
    ("env", r"\benv(?:ironment)?[ -]?var(?:iable)?s?\b|\bvariables? d[ '’]environnement\b", "envvar"),
    ("back", r"\bback(?:ed|ing)?[ -]?ups?\b", "backup"),
    ("roll", r"\broll(?:ed|ing)?[ -]?backs?\b", "rollback"),
    ("load", r"\bload[ -]?balanc(?:er|ers|ing)\b", "loadbalancer"),
    ("compose", r"\bdocker[ -]compose\b", "dockercompose"),
    ("telemetry otel", r"\bopen ?telemetry\b|\botel\b", "opentelemetry"),
    ("policy", r"\bcontent[ -]security[ -]policy\b", "csp"),
    ("delivery", r"\bcontent delivery network\b", "cdn"),
    ("cross", r"\bcross[ -]site scripting\b", "xss"),
    ("firewall", r"\bweb application firewall\b", "waf"),
    ("x-frame", r"\bx-frame-options\b", "xframeoptions"),
    ("x-powered", r"\bx-powered-by\b", "xpoweredby"),
    ("x-content", r"\bx-content-type-options\b", "xcontenttypeoptions"),
    ("strict", r"\bstrict-transport-security\b", "hsts"),
    ("http", r"\bhttp[ -]?only\b", "httponly"),
    (".md", r"\bsecurity\.md\b", "securitymd"),
    ("readme", r"\breadme(?:\.md)?\b", "readme"),
    ("example", r"(?<![\w.])\.env\.(?:[\w.]*\.)?example\b|\benv\.example\b", "envexample"),
    (".env", r"(?<![\w.])\.env\b(?![.\w])", "dotenv"),
    (".gitignore", r"(?<![\w.])\.gitignore\b", "gitignore"),
    ("console", r"\bconsole\.log\b", "consolelog"),
    ("dockerfile", r"\bdockerfiles?\b", "dockerfile"),
    ("multi", r"\bmulti[ -]stage\b", "multistage"),
    ("coded", r"\bhard[ -]?coded\b", "hardcoded"),
    ("pen", r"\bpen(?:etration)?[ -]?test(?:s|ing|ed)?\b", "pentest"),
    ("indexer", r"\bindexers?\b", "indexer_"),
    # What is written down is not the act of writing it down: "Logs are persisted" does not say "Logging configured".
    ("logg", r"\blogging\b|\blogged\b", "logging_"),
    ("auth", r"\bauth\b", "authentication"),
    (".js", r"(?<=[a-z]{3})\.js\b", ""),
    ("api", r"\bapis?\b", "api"),
    ("url", r"\burls?\b", "url"),
)

_SPELLINGS = tuple((tuple(letters.split()), pattern, f" {word} ") for letters, pattern, word in _SYNONYMS)
#: Words that say that something is there, or is to be done, and not what it is.
_STOP = frozenset(
    """
    a an the and or of to in on for with by from at as is are be been was were it its this that these all any each every no not
    set setup up configure configured configuration configurations config enable enabled implement implemented implementation
    implementations add added create created in place properly correctly active activated work working works verify verified
    check checked checks ensure confirm confirmed complete completed done ready production prod using use used via if needed
    optional required require requirement recommended system systems strategy support supported solution tool tools new initial
    automatic automatically regular review reviewed proper functional operational running run runs installed install get make do
    does have has into per when where before after against across between within without will can must should up-to-date
    environment environments application app apps server services service both etc e g eg i.e. any other only also via your our
    basic full fully comprehensive current final currently already yet update updated adjust adjusted strong strict robust
    successfully correct appropriate appropriately main
    de la le les des du d l et en pour dans sur est sont un une au aux par avec sans configure configures active activee activees
    verifie verifies mis implemente implementee implementes implementees installe installee cree creee crees creees
    configurado configurada configurados configuradas realizado realizada realizados realizadas probado probada actualizado
    actualizada implementado implementada implementados implementadas habilitado habilitada activado activada creado creada
    en produccion producao criado criada criados atualizado ativado ativada ativados definido definida definidos
    eingerichtet konfiguriert aktiviert vorhanden erstellt gepruft implementiert installiert fur in produktion
    настроен настроена настроено настроены включен включена включено включены реализован реализована реализовано реализованы
    проверен проверена проверено проверены добавлен добавлена добавлено добавлены выполнен выполнена есть присутствует
    присутствуют на и в для по с из к базовыи базовая полныи полная регулярные регулярныи
    yapilandirildi etkin etkinlestirildi kuruldu tamamlandi olusturuldu edildi ve icin
    el los las del para con y por da do dos das com der die das und fur mit von ist sind il lo gli di per
    """.split()  # noqa: SIM905 - a list of words, not of literals
)
_TOKEN = re.compile(r"[a-z0-9_][a-z0-9_.+#]*[a-z0-9_+#]|[a-z0-9]|[^\W\d_a-z]+")
#: An address says where, not what.
_ADDRESS = re.compile(
    r"\b(?:https?|wss?|postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis)://\S+"
    r"|(?<![\w/])(?!\S*(?:health|metrics|swagger|openapi|api/docs))(?:[@~.]?/[\w@.{}:*-]+(?:/[\w@.{}:*-]+)+|[\w.@-]+/[\w.@-]+/[\w./@*-]*)"
    r"|(?<![\w/])(?!(?:helmet|node|next|nuxt|vue|express)\.js\b)[\w./@-]+\.(?:[cm]?[jt]sx?|py|sql|sh|ps1|rb|go|java|php|cs|rs|dart|vue)\b"
)
_BRACKETS = re.compile(r"(?<=\S)\s*\([^()]{0,200}\)")
_IDEOGRAPHS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
#: Where the subject of a sentence ends and what is said of it begins.
_PREDICATE = re.compile(
    r"\s(?:is|are|was|were|has|have|prevents?|improves?|reduces?|ensures?|enables?|allows?|blocks?|aids?|helps?|protects?|limits?|"
    r"returns?|responds?|captures?|rejects?|points?|matches|covers?|includes?|supports?|handles?|stores?|sends?|applies|runs?|shows?|"
    r"works?|passes|pass|exists?|loads?|based|per|all|every|each|critical|[a-z]{3,}ed)\s"
)
_LEAD = re.compile(
    r"\s*(?:[:：（(\[;=]|\s[-–—→]\s|\s?[-–—]\s|,\s|\s(?:for|to|in|with|using|via|by|on|from|dans|pour|avec|sur|para|con|com|em|en|fur|mit|bei|для|на|в|при|через|от|с)\s)"
)
#: Words that tell too little to stand alone: a phrase of nothing else is not looked for.
GENERIC = frozenset(
    """
    stage architecture deploy deployment authentication test tests testing access accessible validation integration document
    documentation monitor monitoring security performance service manage management control report reporting user users data api
    endpoint endpoints page pages process procedure procedures plan guide workflow feature features module time times response
    configure login separate request requests automated automation database query policy version network production
    """.split()  # noqa: SIM905 - a list of words, not of literals
)


class Words(NamedTuple):
    """The words of a text: each once, in order.

    `lead` are those before its first bracket, colon, dash or comma, `subject` those before its first verb.
    `said` holds all of them outside of brackets, those that tell nothing too.
    """

    all: tuple[str, ...]
    lead: tuple[str, ...]
    ideographs: str
    said: frozenset[str]
    subject: tuple[str, ...] = ()


@lru_cache(4096)
def words_of(text: str) -> Words:
    """The words of a text that tell what it is about."""
    folded = _ADDRESS.sub(" ", fold(text))
    head = _LEAD.split(folded.strip("([ "), maxsplit=1)[0]
    found = _tokens(folded)
    subject = _PREDICATE.split(f"{head} ", maxsplit=1)[0]
    return Words(
        _telling(found),
        _telling(_tokens(head)),
        "".join(_IDEOGRAPHS.findall(folded)),
        frozenset(map(stem, _tokens(_BRACKETS.sub(" ", folded)))),
        _telling(_tokens(subject)) if subject.strip() else (),
    )


@lru_cache(16384)
def _tokens(folded: str) -> tuple[str, ...]:
    for letters, pattern, word in _SPELLINGS:
        for part in letters:
            if part in folded:
                folded = _compiled(pattern).sub(word, folded)
                break
    return tuple(token for token in _TOKEN.findall(folded) if not _IDEOGRAPHS.fullmatch(token))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _telling(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """The stems of the words that tell something; of all of them when none does."""
    telling = [
        stem(token)
        for token in tokens
        if token not in _STOP and not token.isdecimal() and (len(token) > 1 or token.isascii())
    ]
    return tuple(dict.fromkeys(telling or [stem(token) for token in tokens]))


def is_filler(stemmed: str) -> bool:
    """Is this the stem of a word that says that something is there, not what it is?"""
    return stemmed in _fillers()


@cache
def _fillers() -> frozenset[str]:
    return frozenset(stem(word) for word in _STOP)


@cache
def stem(word: str) -> str:
    """The word without its ending (Porter's second stemmer, Snowball's for Russian; other languages lose little by it)."""
    return str(_stemmer("russian" if "а" <= word[:1] <= "я" else "english").stemWord(word))


@cache
def _stemmer(language: str) -> Any:
    import snowballstemmer  # type: ignore[import-untyped]

    return snowballstemmer.stemmer(language)
