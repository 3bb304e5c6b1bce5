"""Facts: a mapping from question to answer that can be saved here and judged elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from readycheck import __version__
from readycheck.errors import FactsError
from readycheck.facts import (
    database,
    decisions,
    deployment,
    drills,
    environment,
    faults,
    history,
    measured,
    migrations,
    repository,
    secrets,
    service,
    tls,
    variables,
)
from readycheck.facts.question import FactUnavailable, Question, Unavailable
from readycheck.model import Outcome, Target

A = TypeVar("A")

#: The version of the facts file that this program reads and writes.
SCHEMA = 1

#: Every kind of question, in the order of the targets. Installed plug-ins add theirs under `readycheck.questions`.
QUESTIONS: tuple[type[Question[Any]], ...] = (
    repository.RepositorySummary,
    repository.Files,
    repository.TextSearch,
    repository.ConfigLookup,
    repository.CodeUse,
    repository.Routes,
    repository.Digest,
    repository.Document,
    history.PathsEverTracked,
    history.CommitsSince,
    decisions.BoundFiles,
    decisions.ChangedSince,
    secrets.SecretsIn,
    measured.Coverage,
    drills.Drills,
    faults.CodeFaults,
    faults.ProjectFaults,
    variables.EnvironmentVariables,
    migrations.RepositoryMigrations,
    migrations.RepositoryIndexes,
    database.DatabaseInventory,
    database.DatabaseIdentifiers,
    database.SqlRows,
    database.TablesFilled,
    migrations.DatabaseMigrations,
    deployment.HttpGet,
    deployment.PageSample,
    deployment.PlainHttp,
    deployment.Revalidation,
    tls.TlsHandshake,
    tls.TlsOffer,
    service.Exposed,
    service.ServiceLevels,
    service.RateLimitBurst,
    service.DeployedVersion,
    service.OpenPorts,
    environment.Environment,
)


class Audited(Struct, frozen=True):
    """A target as it was given (redacted) and, when it could not be reached at all, why."""

    target: Target
    name: str
    problem: str = ""


class Answer(Struct, frozen=True):
    """An answer, or why there is none, and the seconds that it took."""

    value: Any
    seconds: float = 0.0


class Facts:
    """Everything that was learned from the targets in one audit."""

    def __init__(
        self, answers: Mapping[Question[Any], Answer], *, collected_at: str, audited: Iterable[Audited] = ()
    ) -> None:
        self.answers = dict(answers)
        self.collected_at = collected_at
        self.audited = tuple(audited)

    def __getitem__(self, question: Question[A]) -> A:
        """The answer.

        Raises:
            FactUnavailable: it was not asked, or the target could not answer.
        """
        answer = self.answers.get(question)
        if answer is None:
            asked = f"no {question.target} was given" if not self.has(question.target) else "it was not asked"
            raise FactUnavailable(Unavailable(Outcome.NOT_CHECKED, asked))
        if isinstance(answer.value, Unavailable):
            raise FactUnavailable(answer.value)
        value: A = answer.value
        return value

    def has(self, target: Target) -> bool:
        """Was there such a target?"""
        return any(audited.target is target for audited in self.audited)

    def seconds(self, questions: Iterable[Question[Any]]) -> float:
        """How long these questions took in all."""
        return sum((self.answers[question].seconds for question in questions if question in self.answers), 0.0)


class _Row(Struct, frozen=True, omit_defaults=True):
    """One line of the facts file."""

    question: str
    ask: dict[str, Any]
    answer: Any = None
    unavailable: Unavailable | None = None
    seconds: float = 0.0


class FactsFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The facts file: redacted, dated and versioned."""

    schema: int
    readycheck: str
    collected_at: str
    audited: tuple[Audited, ...]
    facts: tuple[_Row, ...]


@cache
def question_kinds() -> dict[str, type[Question[Any]]]:
    """Question types by name, those of installed distributions included (entry-point group `readycheck.questions`)."""
    from importlib.metadata import entry_points

    found = [entry.load() for entry in entry_points(group="readycheck.questions")]
    return {kind.__name__: kind for kind in (*QUESTIONS, *found)}


def dump(facts: Facts) -> bytes:
    """The facts as JSON, in a stable order."""
    rows = [_row(question, answer) for question, answer in facts.answers.items()]
    rows.sort(key=lambda row: (row.question, msgspec.json.encode(row.ask, order="deterministic")))
    file = FactsFile(SCHEMA, __version__, facts.collected_at, facts.audited, tuple(rows))
    return msgspec.json.format(msgspec.json.encode(file), indent=1) + b"\n"


def _row(question: Question[Any], answer: Answer) -> _Row:
    ask = msgspec.to_builtins(question)
    if isinstance(answer.value, Unavailable):
        return _Row(type(question).__name__, ask, unavailable=answer.value, seconds=answer.seconds)
    return _Row(type(question).__name__, ask, answer=msgspec.to_builtins(answer.value), seconds=answer.seconds)


def load(data: bytes, source: str) -> Facts:
    """Facts from a file's bytes.

    Raises:
        FactsError: it is not a facts file of this version, or a question or answer in it has the wrong shape.
    """
    try:
        file = msgspec.json.decode(data, type=FactsFile)
        if file.schema != SCHEMA:
            raise FactsError(f"{source} has facts of version {file.schema}, and this program reads version {SCHEMA}")
        answers = dict(_answered(row) for row in file.facts)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise FactsError(
            f"{source} is not a facts file: {error}", hint="write one with `readycheck audit --save-facts FILE`"
        ) from error
    return Facts(answers, collected_at=file.collected_at, audited=file.audited)


def _answered(row: _Row) -> tuple[Question[Any], Answer]:
    kind = question_kinds().get(row.question)
    if kind is None:
        raise msgspec.ValidationError(f"nothing is known of the question {row.question!r}")
    question = msgspec.convert(row.ask, type=kind)
    value = row.unavailable if row.unavailable is not None else msgspec.convert(row.answer, type=kind.answer)
    return question, Answer(value, row.seconds)
