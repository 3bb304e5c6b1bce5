"""Delivers reports to GitHub: one comment a checklist on a pull request, kept up to date, and findings for code scanning.

Uses the standard library alone and talks to `GITHUB_API_URL` and nobody else. What a token may not do is said as a warning
and does not fail the job: pull requests from forks get a token that can only read.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import sys
import urllib.error
import urllib.request
from hashlib import sha256
from pathlib import Path
from typing import Any

#: The longest comment that GitHub takes, in characters.
LONGEST = 65_536
#: Comments that GitHub gives at once, at most.
PAGE = 100


def comment(report: Path, checklist: str) -> str:
    """Write the report as a comment, or over the one that an earlier run left."""
    event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text("utf-8"))
    number = int(event["pull_request"]["number"])
    name = sha256((checklist or "readiness.yaml").encode()).hexdigest()[:12]
    marker = f"<!-- readycheck {name} -->\n"
    body = fitted(marker + report.read_text("utf-8"))
    found = earlier(number, marker)
    if found is None:
        ask("POST", f"issues/{number}/comments", {"body": body})
        return f"commented on #{number}"
    if found["body"].replace("\r\n", "\n").strip() == body.strip():
        return f"the comment on #{number} says it already"
    ask("PATCH", f"issues/comments/{found['id']}", {"body": body})
    return f"updated the comment on #{number}"


def earlier(number: int, marker: str) -> Any:
    """The comment that an earlier run left; a person's comment is never written over, whatever it begins with."""
    page = 1
    while True:
        found = ask("GET", f"issues/{number}/comments?per_page={PAGE}&page={page}")
        for one in found:
            if (one.get("body") or "").startswith(marker.strip()) and (one.get("user") or {}).get("type") == "Bot":
                return one
        if len(found) < PAGE:
            return None
        page += 1


def fitted(body: str) -> str:
    """The body, without the details at its end that GitHub would refuse."""
    if len(body) <= LONGEST:
        return body
    said = "\n\nThe rest is in the reports that the job keeps.\n"
    room = body[: LONGEST - len(said)]
    return (room[: room.rfind("\n<details")] if "\n<details" in room else room) + said


def sarif(report: Path) -> str:
    """Hand the findings of this commit to code scanning (REST API, "Upload an analysis as SARIF data")."""
    event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text("utf-8"))
    head = event.get("pull_request", {}).get("head", {}).get("sha")
    ref = os.environ["GITHUB_REF"]
    if head and ref.endswith("/merge"):
        ref = f"{ref.removesuffix('/merge')}/head"
    packed = base64.b64encode(gzip.compress(report.read_bytes(), mtime=0)).decode()
    sent = {"commit_sha": head or os.environ["GITHUB_SHA"], "ref": ref, "sarif": packed, "tool_name": "readycheck"}
    ask("POST", "code-scanning/sarifs", sent)
    return f"findings sent for {ref}"


def ask(method: str, path: str, value: Any = None) -> Any:
    """What the API answers.

    Raises:
        urllib.error.URLError: it refuses, or cannot be reached.
    """
    base = os.environ.get("GITHUB_API_URL", "https://api.github.com")
    request = urllib.request.Request(  # noqa: S310 - the address is the runner's own
        f"{base}/repos/{os.environ['GITHUB_REPOSITORY']}/{path}",
        data=json.dumps(value).encode() if value is not None else None,
        method=method,
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
            "Content-Type": "application/json",
            "User-Agent": "readycheck",
            "X-GitHub-Api-Version": "2022-11-28",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        text = answer.read()
    return json.loads(text) if text else None


def main(arguments: list[str]) -> int:
    """Do what the arguments ask; a refusal is a warning."""
    kind, report, *rest = arguments
    try:
        said = comment(Path(report), rest[0] if rest else "") if kind == "comment" else sarif(Path(report))
    except urllib.error.HTTPError as error:
        reason = f"GitHub answered {error.code} {error.reason}"
        needed = "pull-requests: write" if kind == "comment" else "security-events: write"
        sys.stdout.write(f"::warning title=readycheck::The {kind} was not written: {reason}. It needs `{needed}`.\n")
    except urllib.error.URLError as error:
        sys.stdout.write(f"::warning title=readycheck::The {kind} was not written: {error.reason}\n")
    else:
        sys.stdout.write(f"{said}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
