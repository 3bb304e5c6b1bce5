from __future__ import annotations

import pytest

from readycheck.document.model import Document
from readycheck.document.parse import parse

CODES = {"d": "done", "t": "todo", "p": "partial", "w": "in_progress", "f": "failed", "n": "not_applicable"}


def read(text: str) -> Document:
    return parse(text.encode(), "CHECKLIST.md")


def items(text: str) -> list[tuple[int, str, str]]:
    return [(item.line, item.claim.value, item.text) for item in read(text).items]


def claims(text: str) -> list[str]:
    return [claim for _, claim, _ in items(text)]


@pytest.mark.parametrize(
    ("line", "code", "text"),
    [
        ("- [x] Rate limiting", "d", "Rate limiting"),
        ("* [ ] Rate limiting", "t", "Rate limiting"),
        ("+ [X] Rate limiting", "d", "Rate limiting"),
        ("1. [ ] Rate limiting", "t", "Rate limiting"),
        ("3) [x] Rate limiting", "d", "Rate limiting"),
        ("- [] Rate limiting", "t", "Rate limiting"),
        ("- [~] Rate limiting", "p", "Rate limiting"),
        ("- [/] Rate limiting", "w", "Rate limiting"),
        ("- [-] Rate limiting", "n", "Rate limiting"),
        ("- [!] Rate limiting", "f", "Rate limiting"),
        ("- [⚠️] Rate limiting", "p", "Rate limiting"),
        ("- [✓] Rate limiting", "d", "Rate limiting"),
        ("- [N/A] Rate limiting", "n", "Rate limiting"),
        ("- [ ] ~~Rate limiting~~", "n", "Rate limiting"),
        ("- [ ] Rate limiting (in progress)", "w", "Rate limiting (in progress)"),
        ("- [ ] Rate limiting (N/A)", "n", "Rate limiting (N/A)"),
        ("- [ ] CPU usage (> 80%)", "t", "CPU usage (> 80%)"),
        ("- [x] **Rate limiting**: 100/hour", "d", "Rate limiting: 100/hour"),
        ("- [x] [Rate limiting](docs/limits.md) for `api`", "d", "Rate limiting for api"),
        ("- **[x] Rate limiting**", "d", "Rate limiting"),
        ("- \\[x\\] Rate limiting", "d", "Rate limiting"),
        ("- ✅ Rate limiting", "d", "Rate limiting"),
        ("- ❌ Rate limiting", "f", "Rate limiting"),
        ("- ⚠️ Rate limiting", "p", "Rate limiting"),
        ("- 🔄 Rate limiting", "w", "Rate limiting"),
        ("- 🟢 Rate limiting", "d", "Rate limiting"),
        ("- ⏳ Rate limiting", "t", "Rate limiting"),
        ("- ⏳ Rate limiting - in progress", "w", "Rate limiting"),
        ("2. ✅ **Rate limiting** - DONE", "d", "Rate limiting"),
        ("- **Rate limiting**: ✅ express-rate-limit", "d", "Rate limiting: express-rate-limit"),
        ("- Rate limiting ✅", "d", "Rate limiting"),
        ("☐ Rate limiting", "t", "Rate limiting"),
        ("☑ Rate limiting", "d", "Rate limiting"),
        ('<input type="checkbox" checked> Rate limiting', "d", "Rate limiting"),
        ("<li><input type='checkbox'> Rate limiting</li>", "t", "Rate limiting"),
        ("### [x] Rate limiting", "d", "Rate limiting"),
        ("> - [x] Rate limiting", "d", "Rate limiting"),
        ("    - [x] Rate limiting", "d", "Rate limiting"),
    ],
)
def test_a_line_says_how_it_stands(line: str, code: str, text: str) -> None:
    assert items(f"# Checklist\n\n{line}\n") == [(3, CODES[code], text)]


@pytest.mark.parametrize(
    "text",
    [
        "```\n- [x] in code\n```",
        "~~~markdown\n- [ ] an example\n~~~",
        "```python\nx = 1  # ✅ in a comment\n```",
        "All of it is done ✅ and we are proud.",
        "The service is ready for production! ✅",
        "## ✅ Security",
        "## Success criteria\n\n- ✅ p95 below 200 ms\n- ✅ 99.9% uptime",
        "## Never do this\n\n- ❌ Commit secrets\n- ❌ Deploy on Friday",
        "- ❌ Never commit .env\n- ✅ Use a vault",
        "> [!WARNING]\n> Look out.",
        "- [link](https://example.org)\n- [another]: thing",
        "**Legend**:\n- ✅ Done\n- ❌ Missing",
        "✅ Done | 🔄 In progress | ❌ Missing",
        "**Status**: ✅ READY",
        "<!-- - [x] commented out -->",
        "Expected results:\n\n- ✅ it answers 200",
        "## PR template example\n\n- [ ] tests",
        "- 🔴 CRITICAL: read this first",
    ],
)
def test_what_claims_nothing_is_no_item(text: str) -> None:
    assert items(f"# Notes\n\n{text}\n") == []


def test_a_table_with_a_column_of_states_has_an_item_in_each_row() -> None:
    table = (
        "| # | Item | Status | Notes |\n|---|---|---|---|\n| 1 | Rate limiting | ✅ Done | |\n| 2 | Backups | In progress | |\n"
        "| 3 | CDN | 40% | |\n| 4 | **WAF** | ❌ Missing | |\n| 5 | SSO | N/A | |\n"
        "| 6 | Alerts | who knows | |\n| | Total | 50% | |\n"
    )
    assert items(table) == [
        (3, "done", "Rate limiting"),
        (4, "in_progress", "Backups"),
        (5, "partial", "CDN"),
        (6, "failed", "WAF"),
        (7, "not_applicable", "SSO"),
        (8, "todo", "Alerts"),
    ]


def test_a_table_of_variables_or_of_a_comparison_has_no_items() -> None:
    assert items("| Variable | Value | Production |\n|---|---|---|\n| `PORT` | 80 | ✅ |\n") == []
    assert items("| Aspect | Staging | Production |\n|---|---|---|\n| Port | 8001 | 8002 |\n") == []


def test_several_boxes_on_a_line_are_several_items_and_answers_are_one() -> None:
    assert items("- Deployed: [x] dev [ ] staging [ ] prod\n") == [
        (1, "done", "Deployed: dev"),
        (1, "todo", "Deployed: staging"),
        (1, "todo", "Deployed: prod"),
    ]
    assert items("Reviewed? ☐ Yes ☒ No\n") == [(1, "failed", "Reviewed?")]


def test_nested_items_know_what_they_are_part_of() -> None:
    found = read("- [ ] Backups\n  - [x] daily\n    - a detail\n    - [ ] off site\n- [ ] CDN\n").items
    assert [(item.text, item.under) for item in found] == [("Backups", 0), ("daily", 1), ("off site", 2), ("CDN", 0)]


def test_a_heading_carries_the_state_of_its_plain_entries_or_its_own() -> None:
    assert claims("## Ready components ✅\n- API\n- Worker\n\n## Needs implementation ⚠️\n- Backups\n") == [
        "done",
        "done",
        "todo",
    ]
    headed = "".join(f"### {number}. Missing thing {number} ❌\n**Impact:** high\n\n" for number in range(1, 5))
    assert claims(headed) == ["failed"] * 4
    decorated = "## ✅ A\n- [ ] one\n\n## ✅ B\ntext\n\n## ✅ C\ntext\n\n## ✅ D\ntext\n"
    assert claims(decorated) == ["todo"]


def test_a_checklist_without_any_mark_has_its_entries_as_items_to_do() -> None:
    assert claims("# Deployment checklist\n\n## Before\n\n- Rotate the keys\n- Tell the team\n") == ["todo", "todo"]
    assert claims("# About us\n\n- We bake bread\n") == []


def test_a_document_without_headings_is_read() -> None:
    assert items("- [x] one\n- [ ] two\n") == [(1, "done", "one"), (2, "todo", "two")]


def test_a_list_inside_an_unclosed_fence_is_read_and_said() -> None:
    document = read("# A\n\n```bash\nmake\n\n- [x] one\n- [ ] two\n")
    assert [item.text for item in document.items] == ["one", "two"]
    assert any("never closes" in note.text for note in document.notes)


def test_boxes_in_a_plain_fence_are_a_list_and_code_is_not() -> None:
    assert claims("```\nBefore:\n☐ one\n☑ two\n```\n") == ["todo", "done"]
    assert claims("```\nx = 1\n☐ one\n```\n") == []


def test_a_legend_overrules_what_signs_usually_mean() -> None:
    assert claims("✅ Done | ⚠️ In progress | ❌ Not started\n\n- ⚠️ Backups\n- ❌ CDN\n") == ["in_progress", "todo"]


def test_crlf_front_matter_and_counters_are_no_obstacle() -> None:
    document = read("---\ntitle: X\nlast_updated: 2026-01-02\n---\r\n# A\r\n\r\n## 1. Security (6/8)\r\n- [x] one\r\n")
    assert [(item.line, item.text) for item in document.items] == [(8, "one")]
    assert document.front_matter == "title: X\nlast_updated: 2026-01-02"
    assert [section.title for section in document.sections if section.items] == ["Security"]


@pytest.mark.parametrize(
    "text",
    [
        "- [x] Sécurité\n- [ ] Sauvegardes",
        "- [x] 健康检查\n- [ ] 备份",
        "- [x] Резервное копирование\n- [ ] CDN",
        "- [x] نسخ احتياطي\n- [ ] CDN",
    ],
)
def test_other_languages_are_read(text: str) -> None:
    assert claims(text) == ["done", "todo"]


def test_a_long_line_that_an_editor_wrapped_is_one_item() -> None:
    text = "- [ ] Every request is limited by its client's address and by its account so that\n  nobody can guess passwords\n"
    assert next(item.text for item in read(text).items).endswith("so that nobody can guess passwords")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- :white_check_mark: Backups\n- :x: Alerts\n- :warning: CDN\n", ["done", "failed", "partial"]),
        ("1. Indexes (done)\n2. Pooling (pending)\n3. Replicas (n/a)\n", ["done", "todo", "not_applicable"]),
        ("| Item | Done? |\n|---|---|\n| Backups | Y |\n| Alerts | N |\n| CDN | |\n", ["done", "todo", "todo"]),
        ("|  | Item |\n|---|---|\n| [x] | Backups |\n| [ ] | Alerts |\n", ["done", "todo"]),
        ("| Item | Dev | Prod |\n|---|---|---|\n| HTTPS | ✅ | ❌ |\n| CDN | ✅ | ✅ |\n", ["failed", "done"]),
        ("### C-01: Insolvency ✅ FIXED\ntext\n\n### C-02: Winner ✅ FIXED\ntext\n", ["done", "done"]),
        ("### 1. Backups\n**Status**: ✅ Complete\n\n### 2. Alerts\n**Status**: ❌ Missing\n", ["done", "failed"]),
        ("## Targets\n\n- API rate: >95%\n- Error rate: >99%\n", []),
        ("What this does:\n- ✅ builds the image\n- ✅ starts it\n", []),
        ("Once complete, your shop will be:\n\n✅ **Fast** - a CDN\n✅ **Safe** - HTTPS\n", []),
        ("#### ❌ WRONG: guess\n\n#### ✅ RIGHT: test\n\n#### ❌ WRONG: hope\n\n#### ✅ RIGHT: look\n", []),
        ('1. Open the dashboard\n   - Wait for "Build successful" ✅\n', []),
        ("> ⚠️ **Warning:** look out\n\n> ⚠️ **Reminder:** twice\n", []),
    ],
)
def test_shapes_of_the_wild_are_read_as_their_authors_mean_them(text: str, expected: list[str]) -> None:
    assert claims(f"# Notes\n\n{text}") == expected
