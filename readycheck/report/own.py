"""Templates of a team's own: every `NAME.EXT.jinja` of a folder is a format of that name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from readycheck.errors import UsageError
from readycheck.report.filter import Filter
from readycheck.report.templates import spoken
from readycheck.report.text import inline_markdown, markdown_block, markdown_code, visible
from readycheck.report.view import page
from readycheck.scorecard import Scorecard

SUFFIX = ".jinja"
_MARKUP, _MARKDOWN = (".html", ".htm", ".xml", ".svg"), (".md", ".markdown")


def templates(folder: Path) -> dict[str, Path]:
    """The templates of a folder by the name of their format.

    Raises:
        UsageError: there is no such folder, or it has none.
    """
    if not folder.is_dir():
        raise UsageError(f"--reports {folder}: there is no such folder")
    found = {path.name.split(".")[0]: path for path in sorted(folder.glob(f"*.*{SUFFIX}"))}
    if not found:
        raise UsageError(
            f"--reports {folder}: there is no template in it", hint="name one after its format: summary.md.jinja"
        )
    return found


def render(card: Scorecard, template: Path, show: Filter) -> str:
    """The scorecard through a template, which is given `card` and `page` and is escaped by the ending of its name.

    Jinja's sandbox keeps a template from running anything: one may come with a pull request that nobody has read yet.

    Raises:
        UsageError: the template has a mistake, or the filter shows nothing.
    """
    show.check(card)
    kind = Path(template.name.removesuffix(SUFFIX)).suffix.lower()
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(template.parent),
        autoescape=kind in _MARKUP,
        undefined=StrictUndefined,
        finalize=spoken(_say(kind)),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["code"] = lambda text: Markup(markdown_code(text))  # noqa: S704 - escaped by the function
    made.filters["block"] = lambda text: Markup(markdown_block(text))  # noqa: S704 - escaped by the function
    try:
        return made.get_template(template.name).render(card=card, page=page(card, show))
    except TemplateSyntaxError as error:
        raise UsageError(
            f"{template.parent / (error.name or template.name)}:{error.lineno}: {error.message}"
        ) from error
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise UsageError(f"{template}: {error}", hint="templates are given `card` and `page`") from error


def _say(kind: str) -> Callable[[str], str]:
    return inline_markdown if kind in _MARKDOWN else visible
