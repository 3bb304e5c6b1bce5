"""Tells a webhook how an audit ended, in the JSON that Slack, Mattermost and others take; only when told to."""

from __future__ import annotations

import re
import sys

import httpx
import msgspec

from readycheck import __version__
from readycheck.errors import UsageError
from readycheck.model import Outcome, Overlay, Verdict
from readycheck.redact import redact
from readycheck.report.text import visible
from readycheck.scorecard import Scorecard

#: Seconds for the webhook to answer, and the most lines that a message names.
PATIENCE, MOST = 10.0, 5

_URL = re.compile(r"https?://[^/\s]+", re.IGNORECASE)
_SIGNS = {"READY": ":white_check_mark:", "NOT_READY": ":x:", "INCONCLUSIVE": ":grey_question:"}


def require_url(url: str) -> None:
    """Refuse a webhook that is no URL before anything is asked. The URL is a credential and is not repeated.

    Raises:
        UsageError: it is none.
    """
    if not _URL.match(url):
        raise UsageError("--notify: that is no http or https URL", hint="give it by READYCHECK_NOTIFY, it is a secret")


def notify(url: str, card: Scorecard) -> bool:
    """Post the message. A webhook that does not take it is told on standard error; the verdict stays what it is."""
    data = msgspec.json.encode(message(card))
    headers = {"Content-Type": "application/json", "User-Agent": f"readycheck/{__version__}"}
    try:
        answer = httpx.post(url, content=data, headers=headers, timeout=PATIENCE, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return _missed(type(error).__name__)
    return answer.is_success or _missed(f"it answered {answer.status_code}")


def _missed(why: str) -> bool:
    sys.stderr.write(f"warning: the webhook was not notified: {why}\n")
    return False


def message(card: Scorecard) -> dict[str, str]:
    """The message: `text` is Slack's minimal payload (docs.slack.dev, incoming webhooks), which others read as well."""
    verdict = card.decision.readiness.value
    about = f" ({card.phase})" if card.phase else ""
    commit = f" at `{card.repository.commit[:12]}`" if card.repository and card.repository.commit else ""
    head = f"{_SIGNS[verdict]} *{verdict.replace('_', ' ')}*: {_plain(card.service)}{_plain(about)}{commit}"
    lines = [head, _plain(card.decision.why)]
    if card.tally.score is not None:
        lines.append(f"score {card.tally.score:g}, at most {card.tally.ceiling:g}, decided {card.tally.coverage:.0%}")
    named = [*_steps(card), *_false(card)]
    lines += named[:MOST]
    if len(named) > MOST:
        lines.append(f"and {len(named) - MOST} more")
    return {"text": "\n".join(lines)}


def _false(card: Scorecard) -> list[str]:
    rows = [row for row in card.items if row.verdict is Verdict.CONTRADICTED and row.overlay is not Overlay.WAIVED]
    return [f"• {_plain(row.text)}: {_plain(row.reason)}" for row in sorted(rows, key=lambda row: -row.weight)]


def _steps(card: Scorecard) -> list[str]:
    steps = [*(step for phase in card.phases for step in phase.steps), *card.rollback] if card.phase else []
    signed = (step for step in steps if step.sign_off or step.outcome is Outcome.FAIL)
    return [f"• {_plain(step.text)}: {step.outcome.value.replace('_', ' ')}, {_plain(step.reason)}" for step in signed]


def _plain(text: str) -> str:
    """The text as Slack shows it word for word: no link, mention or markup (docs.slack.dev, formatting text)."""
    one = " ".join(visible(redact(text)).split())
    escaped = one.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([*_~`@#])", "\u200b\\1\u200b", escaped)
