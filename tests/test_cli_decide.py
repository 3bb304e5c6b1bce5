from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.planting import commit, git, repository, write

from readycheck.cli import run

CHECKLIST = """\
version: 1
service: shop
gate: {fail_on: high, min_coverage: 0}
sections:
  - title: Documentation
    items:
      - {id: readme, text: There is a README, claim: done, severity: high, checks: [readme]}
      - {id: reviewed, text: Somebody reviewed it, claim: done, severity: high}
      - {id: open, text: Nobody did it, claim: todo, severity: low}
deployment_steps:
  - {id: deployment, title: Deployment, steps: [Tell the team, {text: Read it, checks: [changelog]}]}
rollback: [Go back]
"""
NOW = ["--now", "2026-03-01"]


pytestmark = pytest.mark.usefixtures("shop")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = repository(tmp_path / "shop", {"readiness.yaml": CHECKLIST, "report.pdf": "%PDF", "infra/main.tf": "a"})
    monkeypatch.chdir(folder)
    return folder


def verdicts(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, tuple[str, str, str]]:
    capsys.readouterr()
    run(["audit", str(folder), "-f", "json", "--exit-zero", *(options or NOW)])
    card = json.loads(capsys.readouterr().out)
    items = [item for section in card["sections"] for item in section["items"]]
    return {item["id"]: (item["verdict"], item["overlay"], item["reason"]) for item in items}


def attest(*options: str) -> int:
    words = ["--statement", "read it, nothing open", "--by", "Ada"]
    return run(["attest", "reviewed", *words, *(options or ("--every", "1y")), *NOW])


def test_a_word_for_an_item_holds_until_its_day_and_while_its_ground_is_unchanged(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verdicts(shop, capsys)["reviewed"][0] == "unattested"
    assert attest("--every", "1y", "--evidence", "report.pdf", "--binds", "infra/**") == 0
    assert "reviewed attested by Ada until 2027-03-01 (365 days left)" in capsys.readouterr().out
    verdict, _, reason = verdicts(shop, capsys)["reviewed"]
    assert (verdict, reason) == ("attested", "Ada: read it, nothing open (until 2027-03-01)")
    assert verdicts(shop, capsys, "--now", "2027-03-01T23:59Z")["reviewed"][0] == "attested"
    verdict, _, reason = verdicts(shop, capsys, "--now", "2027-03-02")["reviewed"]
    assert (verdict, reason) == ("attestation_expired", "Ada: read it, nothing open (it held until 2027-03-01)")
    write(shop, {"infra/main.tf": "b"})
    verdict, _, reason = verdicts(shop, capsys)["reviewed"]
    assert (verdict, reason) == (
        "attestation_expired",
        "Ada: read it, nothing open (infra/** changed since it was attested)",
    )
    write(shop, {"infra/main.tf": "a", "report.pdf": "%PDF other"})
    assert "report.pdf is not the file that was attested" in verdicts(shop, capsys)["reviewed"][2]


def test_a_word_against_an_item_contradicts_it(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert attest("--expires", "30d", "--failed") == 0
    assert verdicts(shop, capsys)["reviewed"][0] == "contradicted"


def test_a_waiver_covers_an_item_or_a_finding_and_can_be_left_out(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--reason", "it is written in June", "--owner", "Bob", "--expires", "30d", "--ticket", "DOC-1", *NOW]
    assert run(["waive", "readme", *words]) == 0
    assert "until 2026-03-31 (30 days left)" in capsys.readouterr().out
    assert verdicts(shop, capsys)["readme"][1] == "waived"
    assert verdicts(shop, capsys, *NOW, "--no-waivers")["readme"][1] == ""
    verdict, overlay, reason = verdicts(shop, capsys, "--now", "2026-04-01")["readme"]
    assert (verdict, overlay) == ("contradicted", "waiver_expired")
    assert "it is written in June" in reason
    (shop / "decisions.yaml").unlink()
    run(["audit", str(shop), "-f", "json", *NOW])
    found = json.loads(capsys.readouterr().out)["checks"]["readme"]["findings"][0]["fingerprint"]
    assert run(["waive", found, *words]) == 0
    assert verdicts(shop, capsys)["readme"][1] == "waived"


def test_what_no_longer_counts_is_shown_first(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--reason", "it is written in June", "--owner", "Bob", "--expires", "10d", "--ticket", "DOC-1", *NOW]
    run(["waive", "readme", *words])
    attest("--every", "1y", "--binds", "infra/**")
    capsys.readouterr()
    assert run(["decisions", "--check", *NOW]) == 0
    out = capsys.readouterr().out
    assert "ends soon waiver       readme  2026-03-11, 10 days left" in out
    assert "DOC-1" in out
    write(shop, {"infra/main.tf": "b"})
    assert run(["decisions", "--check", *NOW]) == 1
    assert capsys.readouterr().out.startswith("void      attestation  reviewed")
    assert run(["decisions", "--json", "--now", "2026-04-01"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["subject"], row["standing"], row["days_left"]) for row in rows] == [
        ("readme", "expired", -21),
        ("reviewed", "void", 334),
    ]
    (shop / "readme.md").write_text("x")


def test_a_mended_fault_leaves_its_waiver_unused(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["waive", "open", "--reason", "nobody needs it yet", "--owner", "Bob", "--expires", "30d", *NOW])
    text = CHECKLIST.replace(
        "text: Nobody did it, claim: todo", "text: Nobody did it, claim: not_applicable, reason: x"
    )
    (shop / "readiness.yaml").write_text(text)
    capsys.readouterr()
    run(["audit", str(shop), "-f", "json", *NOW])
    (row,) = json.loads(capsys.readouterr().out)["decisions"]
    assert (row["standing"], row["reason"]) == ("unused", "nothing is left for it to waive")


def test_a_word_that_is_not_needed_says_so(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--statement", "there is one, really", "--by", "Ada", "--every", "30d", *NOW]
    assert run(["attest", "readme", *words]) == 0
    assert "note: readme judge this line" in capsys.readouterr().out
    run(["audit", str(shop), "-f", "json", *NOW])
    (row,) = json.loads(capsys.readouterr().out)["decisions"]
    assert row["reason"].startswith("checks speak for this line")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["attest", "reviewd", "--statement", "read it, fine", "--by", "A", "--every", "1y"],
            "did you mean 'reviewed'?",
        ),
        (["attest", "reviewed", "--statement", "read it, fine", "--by", "A"], "give either `expires` or `every`"),
        (["attest", "reviewed", "--statement", "read it, fine", "--by", "A", "--every", "3m"], "d, w, mo or y"),
        (["attest", "reviewed", "--statement", "fine", "--by", "A", "--every", "1y"], "10 characters or more"),
        (["attest", "reviewed", "--statement", "read it, fine", "--by", " ", "--every", "1y"], "needs somebody"),
        (
            [
                "attest",
                "reviewed",
                "--statement",
                "read it, fine",
                "--by",
                "A",
                "--every",
                "1y",
                "--evidence",
                "gone.pdf",
            ],
            "there is no such file",
        ),
        (
            ["attest", "reviewed", "--statement", "read it, fine", "--by", "A", "--every", "1y", "--evidence", "../x"],
            "outside the repository",
        ),
        (
            ["attest", "reviewed", "--statement", "read it, fine", "--by", "A", "--every", "1y", "--binds", "none/**"],
            "no file of the repository matches",
        ),
        (
            ["waive", "readmee", "--reason", "in June, maybe", "--owner", "B", "--expires", "1d"],
            "did you mean 'readme'?",
        ),
        (["waive", "readme", "--reason", "in June, maybe", "--owner", "B", "--expires", "1y"], "180 days at most"),
        (["waive", "readme", "--reason", "in June, maybe", "--owner", "B", "--expires", "2026-02-28"], "has passed"),
        (["waive", "readme", "--reason", "in June, maybe", "--owner", "B", "--expires", "soon"], "neither a day nor"),
        (
            ["waive", "readme", "--reason", "in June, maybe", "--owner", "B", "--expires", "1d", "--renew"],
            "not waived yet",
        ),
        (["sign", "deployment-tell-the-teem", "--by", "A"], "did you mean 'deployment-tell-the-team'?"),
    ],
)
def test_a_decision_that_breaks_a_rule_is_not_written(
    shop: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run([*arguments, *NOW]) == 2
    assert said in capsys.readouterr().err
    assert not (shop / "decisions.yaml").exists()


def test_a_decision_is_renewed_only_when_that_is_said(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert attest() == 0
    assert attest() == 2
    assert "attested already, on line 3" in capsys.readouterr().err
    assert attest("--expires", "2026-12-31", "--renew") == 0
    assert (shop / "decisions.yaml").read_text().count("item: reviewed") == 1


def test_a_malformed_decision_is_told_with_file_and_line(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "decisions.yaml").write_text(
        "version: 1\nwaivers:\n  - {item: readme, reason: in June maybe, owner: B, expires: tomorrow}\n"
    )
    for arguments in (
        ["audit"],
        ["decisions"],
        ["waive", "open", "--reason", "x" * 10, "--owner", "B", "--expires", "1d"],
    ):
        assert run([*arguments, *NOW]) == 2
        assert (
            "decisions.yaml:3: waivers[0].expires must be a date (YYYY-MM-DD), not 'tomorrow'"
            in capsys.readouterr().err
        )


def test_a_sign_off_counts_for_its_commit_alone(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commit(shop, {"CHANGELOG.md": "# Changelog\n\n## 1.0.0 - 2026-02-01\n\n- All of it.\n"})

    def deployed(*options: str) -> tuple[int, str]:
        code = run(["audit", "--phase", "deploy", *(options or NOW)])
        return code, capsys.readouterr().out

    code, out = deployed()
    assert code == 3
    assert "✎ Tell the team  nobody has signed it off  [deployment-tell-the-team]" in out
    assert (
        run(["sign", "deployment-tell-the-team", "--by", "Ada", "--note", "told them", "--now", "2026-03-01T09:30Z"])
        == 0
    )
    code, out = deployed()
    assert code == 0
    assert "✓ Tell the team  signed off by Ada at 2026-03-01 09:30 UTC: told them" in out
    commit(shop, {})
    assert deployed()[0] == 0, "committing the sign-off changes nothing that is released"
    assert deployed("--now", "2026-03-09")[0] == 3, "a release that takes longer is looked at again"
    commit(shop, {"app.py": "new"})
    code, out = deployed()
    assert code == 3
    assert "1 file changed since: app.py" in " ".join(out.split())
    assert run(["sign", "deployment-tell-the-team", "--by", "Bob", "--failed", "--now", "2026-03-01T10:00Z"]) == 0
    code, out = deployed()
    assert code == 1
    assert "seen to fail by Bob" in out


def test_a_sign_off_talks_no_failing_check_away(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sign", "deployment-tell-the-team", "deployment-read-it", "--by", "Ada", *NOW]) == 0
    assert run(["audit", "--phase", "deploy", *NOW]) == 1
    assert "✗ Read it" in capsys.readouterr().out


def test_signing_needs_a_commit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"readiness.yaml": CHECKLIST})
    assert run(["sign", "rollback-go-back", "--by", "Ada", "--repository", str(tmp_path)]) == 2
    assert "a sign-off is for a commit" in capsys.readouterr().err


def test_a_dirty_work_tree_is_named_when_signing(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(shop, {"infra/main.tf": "b"})
    assert run(["sign", "rollback-go-back", "--by", "Ada", *NOW]) == 0
    assert f"the sign-off is for {git(shop, 'rev-parse', 'HEAD')[:12]} without them" in capsys.readouterr().out
