"""Jinja templates read from the shipped content, in a checkout, an installed wheel or a zipped one alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, Undefined
from markupsafe import Markup

from readycheck.content import content


def source(format: str, name: str) -> str:  # noqa: A002 - the folder is named after the format
    """The text of a file of `reports/<format>/`.

    Raises:
        FileNotFoundError: it was not shipped.
    """
    return content("reports").joinpath(format, name).read_text("utf-8")


def environment(format: str, say: Callable[[str], str], *, autoescape: bool) -> Environment:  # noqa: A002 - as above
    """An environment for the templates of a format in which every text that a template writes passes through `say`.

    Undefined names are errors.
    """
    return Environment(
        loader=FunctionLoader(lambda name: source(format, name)),
        autoescape=autoescape,  # noqa: S701 - Markdown is escaped by `say`
        undefined=StrictUndefined,
        finalize=spoken(say),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def spoken(say: Callable[[str], str]) -> Callable[[Any], Any]:
    """What makes of each value that a template writes its text.

    `Markup` passes as it is: it is text of our own. Anything that is neither a text nor a number is an error, because
    `None` in a report would be a fault of ours.
    """

    def finalize(value: Any) -> Any:
        if isinstance(value, Markup):
            return value
        if isinstance(value, str):
            return say(str(value))
        if isinstance(value, Undefined):
            return str(value)  # which says what there is not
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return value
        raise TypeError(f"a template writes {type(value).__name__}, which no reader should see")

    return finalize
