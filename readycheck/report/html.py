"""The HTML report: one file that asks the network for nothing, has the browser hold it to that, and needs no script."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from readycheck.report.filter import EVERYTHING, Filter
from readycheck.report.templates import environment, source
from readycheck.report.text import css_string, visible
from readycheck.report.view import Page, page
from readycheck.scorecard import Scorecard


def render(card: Scorecard, show: Filter = EVERYTHING) -> str:
    """The scorecard as a self-contained page.

    The policy that it carries (CSP Level 3 §6) lets only its own style and script run, each by its SHA-256, and
    nothing be fetched.
    """
    shown = page(card, show)
    style, script = _style(shown), Markup(source("html", "script.js"))  # noqa: S704 - shipped with the program
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    template = _environment().get_template("report.html")
    return template.render(page=shown, card=card, style=style, script=script, policy=policy)


def laid_out(name: str, running: str, **shown: Any) -> str:
    """Another page in the same look: the template of that name, its own style beside it, and no script.

    `running` is what the head of each printed page says.
    """
    own = source("html", name.replace(".html", ".css"))
    style = Markup(_running(running, "") + own)  # noqa: S704 - escaped there
    policy = f"default-src 'none'; style-src '{_digest(style)}'; base-uri 'none'; form-action 'none'"
    return _environment().get_template(name).render(style=style, policy=policy, **shown)


@cache
def _environment() -> Environment:
    made = environment("html", visible, autoescape=True)
    made.filters["breakable"] = _breakable
    return made


def _breakable(place: str) -> Markup:
    # Paths wrap at their slashes before they wrap anywhere.
    return Markup("/<wbr>").join(visible(place).split("/"))


def _style(shown: Page) -> Markup:
    card = shown.card
    head, foot = f"{card.service}: {shown.answer.word}, judged {shown.judged}", f"scorecard {shown.digest[:12]}"
    return Markup(_running(head, foot if shown.digest else ""))  # noqa: S704 - escaped there


def _running(head: str, foot: str) -> str:
    # Only a page margin box is printed on every page, and its text has to stand in the style.
    style = source("html", "style.css")
    return style.replace('"the running header"', css_string(head)).replace('"the scorecard"', css_string(foot))


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
