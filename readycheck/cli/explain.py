"""`readycheck explain`: what a check or an item means, what proves it, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from readycheck.catalogue import Check
from readycheck.checklist import Checklist, ItemEntry
from readycheck.cli.inputs import load_inputs
from readycheck.cli.text import Printer
from readycheck.errors import UsageError
from readycheck.model import Target
from readycheck.probes.grants import grants
from readycheck.reading import nearest
from readycheck.remedy import shell

#: What an option must give for a check of this target to say anything.
NEEDS = {
    Target.REPOSITORY: "a repository",
    Target.DATABASE: "a database (--database URL)",
    Target.DEPLOYMENT: "a deployment (--deployment URL)",
    Target.ENVIRONMENT: "an environment (--env-file FILE)",
}


def explain(name: str, checklist: str, folders: tuple[str, ...], *, color: bool = True) -> None:
    """Explain the check, the item, or both when they share the name.

    Raises:
        UsageError: there is neither.
    """
    inputs = load_inputs("", checklist, folders)
    items = {item.id: item for item in inputs.checklist.items}
    check = inputs.catalogue.checks.get(name)
    if name not in items and check is None:
        near = nearest(name, {*items, *inputs.catalogue.checks})
        raise UsageError(f"there is no check and no item {name!r}", hint=f"did you mean {near!r}?" if near else "")
    printer = Printer(color=color)
    if name in items:
        _item(items[name], inputs.checklist, printer)
    if check is not None:
        if name in items:
            printer.line()
        _check(check, _users(check, inputs.checklist), printer)


def _users(check: Check, checklist: Checklist) -> list[str]:
    return [item.id for item in checklist.items if any(used.id == check.id for used in checklist.checks(item))]


def _item(item: ItemEntry, checklist: Checklist, printer: Printer) -> None:
    printer.title(f"{item.text}  ({item.id})")
    printer.term("in", f"{checklist.source}:{item.line}")
    printer.term("claim", f"{item.claim.value}{f', because {item.reason}' if item.reason else ''}")
    printer.term("severity", f"{item.severity.value}, weight {item.severity.weight:g}")
    for index, check in enumerate(checklist.checks(item)):
        printer.term("proved by" if index == 0 else "and by", f"{check.id}: {check.title} [{check.target}]")
    if item.attest:
        printer.term("attest", item.attest)
    if not checklist.checks(item):
        printer.term("proved by", "a person, as no check can see this")
    if item.attest or not checklist.checks(item):
        printer.term("then", f'readycheck attest {shell(item.id)} --statement "…" --by "…" --every 1y')


def _check(check: Check, users: Iterable[str], printer: Printer) -> None:
    printer.title(f"{check.title}  ({check.id})")
    printer.term("severity", check.severity.value)
    printer.term("why", check.why)
    printer.term("needs", NEEDS[check.target])
    for at, (dialect, given) in enumerate(grants(check.probe.questions()).items()):
        printer.term("" if at else "grants", f"{dialect}: {'; '.join(given)}")
    printer.term("looks at", f"{check.probe.name}: {_summary(type(check.probe).__doc__)}")
    for name, value in msgspec.to_builtins(check.probe).items():
        if value not in (None, "", [], {}, False):
            printer.term("", f"{name} = {_shown(value)}")
    printer.term("fix", check.fix.text)
    for stack, advice in check.fix.by_stack.items():
        printer.term(stack, advice)
    printer.term("references", ", ".join(check.references))
    printer.term("items", ", ".join(users) or "none of this checklist")
    printer.term(
        "examples",
        ", ".join(
            f"{example.outcome.value}{f' ({example.because})' if example.because else ''}" for example in check.examples
        ),
    )
    printer.term("defined in", check.source)


def _summary(text: str | None) -> str:
    return (text or "").strip().split("\n", maxsplit=1)[0]


def _shown(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 300 else f"{text[:299]}…"  # noqa: PLR2004 - three lines are enough; `checks show` has all
