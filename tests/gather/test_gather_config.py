from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readycheck.gather.config import parse
from readycheck.gather.values import Unparsable, Value, found, key_pattern


def at(text: str, path: str, key: str) -> list[tuple[int, str]]:
    return [(value.line, value.text) for value in found(parse(text, path), key)]


def test_the_keys_of_a_workflow_stay_the_text_that_was_written() -> None:
    text = "on:\n  push:\n    branches: [main]\n"
    assert at(text, "ci.yml", "on") == [(1, "push")]
    assert at("on: [push, pull_request]\n", "ci.yml", "on") == [(1, "push, pull_request")]
    assert at("on: push\n", "ci.yml", "on") == [(1, "push")]
    assert at("a: yes\nb: 010\nc: 2025-01-01\nd: null\n", "a.yml", "*") == [
        (1, "yes"),
        (2, "010"),
        (3, "2025-01-01"),
        (4, "null"),
    ]


def test_every_document_of_a_file_is_read_and_unknown_tags_are_their_text() -> None:
    text = "kind: A\n---\nkind: B\nid: !Ref Thing\nlist: !Sub [x, y]\n"
    assert at(text, "a.yaml", "kind") == [(1, "A"), (3, "B")]
    assert at(text, "a.yaml", "id") == [(4, "Thing")]
    assert at(text, "a.yaml", "list") == [(5, "x, y")]


def test_merged_mappings_count_where_they_are_merged() -> None:
    text = "x: &base {restart: always}\nservices:\n  api:\n    <<: *base\n    image: a\n"
    assert at(text, "a.yml", "services.api.restart") == [(1, "always")]
    assert at(text.replace("image: a", "restart: no"), "a.yml", "services.api.restart") == [(5, "no")]


@pytest.mark.parametrize(
    ("key", "texts"),
    [
        ("jobs.*.steps.*.run", ["npm ci", "npm test"]),
        ("jobs.**.run", ["npm ci", "npm test"]),
        ("**.run", ["npm ci", "npm test"]),
        ("jobs.test.steps", [""]),
        ("jobs.*.na*", ["Test"]),
        ("run", []),
    ],
)
def test_stars_match_steps_and_parts_of_steps(key: str, texts: list[str]) -> None:
    text = "jobs:\n  test:\n    name: Test\n    steps:\n      - run: npm ci\n      - run: npm test\n"
    assert [text for _, text in at(text, "a.yml", key)] == texts


def test_a_dot_in_a_key_is_matched_by_a_dot() -> None:
    text = "metadata:\n  annotations:\n    example.org/limit: '5'\n"
    assert at(text, "a.yml", "metadata.annotations.example.org/limit") == [(3, "5")]


@pytest.mark.parametrize("key", ["", "a.**.b.**.c.**"])
def test_keys_that_make_no_sense_are_refused(key: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        key_pattern(key)


def test_a_hostile_key_cannot_make_the_search_slow() -> None:
    hostile = Value("\x1f".join(["a.a.a.a.a.a.a.a.a.a"] * 30), 1, "")
    assert list(found([hostile], "a.**.b.**.c")) == []


def test_json_is_read_with_lines_comments_tabs_and_trailing_commas() -> None:
    text = '{\n\t"a": {"b": [1, {"c": "x // y"}]}, // why\n\t"d": true,\n}\n'
    assert at(text, "tsconfig.json", "a.b.*.c") == [(2, "x // y")]
    assert at(text, "tsconfig.json", "d") == [(3, "true")]
    assert at(text, "tsconfig.json", "a") == [(2, "b")]


def test_toml_values_have_their_lines() -> None:
    text = '[tool.x]\nb = 1\n\n[tool."c.d"]\ne = ["x", {f = 2}]\n[[z]]\nq = true\n'
    assert at(text, "pyproject.toml", "tool.x.b") == [(2, "1")]
    assert at(text, "pyproject.toml", "tool.c.d.e.*.f") == [(5, "2")]
    assert at(text, "pyproject.toml", "z.*.q") == [(7, "true")]


def test_pairs_of_ini_properties_and_dotenv_are_read() -> None:
    assert at("[s]\na = b ; why\n", "a.ini", "s.a") == [(2, "b")]
    assert at("# off\nspring.jpa.show-sql=true\n", "application.properties", "spring.**.show-sql") == [(2, "true")]
    assert at("export A='b c'\n# B=1\nC=\n", ".env.example", "*") == [(1, "b c"), (3, "")]


@pytest.mark.parametrize(
    ("text", "path", "reason"),
    [
        ("a: [", "a.yml", "not valid YAML"),
        ("{{- if .x }}\na: b\n", "templates/a.yaml", "a template"),
        ("a: {{ .Values.x }}\n", "templates/a.yaml", "a template"),
        ("{% if x %}\n a: [\n", "a.yml", "a template"),
        ("{", "a.json", "not valid JSON"),
        ('{"a": }', "a.json", "not valid JSON"),
        ("{} {}", "a.json", "not valid JSON"),
        ("a = ", "a.toml", "not valid TOML"),
        ("x", "a.exe", "no configuration format"),
        ("RUN x", "Dockerfile", "without FROM"),
        ("[" * 100, "a.json", "nested too deeply"),
        ("[" * 100, "a.yml", "nested too deeply"),
    ],
)
def test_what_does_not_parse_says_why(text: str, path: str, reason: str) -> None:
    with pytest.raises(Unparsable, match=reason):
        parse(text, path)


def test_a_billion_laughs_is_refused() -> None:
    text = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 20)}]\n" for n in range(1, 30))
    with pytest.raises(Unparsable, match="refused"):
        parse(text, "a.yml")


def test_expressions_of_workflows_are_no_template() -> None:
    assert at("env: ${{ secrets.X }}\n", "a.yml", "env") == [(1, "${{ secrets.X }}")]
    assert at('text: "{{ $labels.job }} is down"\n', "rules.yml", "text") == [(1, "{{ $labels.job }} is down")]


@pytest.mark.parametrize(
    ("text", "path", "key", "shown"),
    [
        ("db:\n  password: hunter2hunter2\n", "a.yml", "db.password", "[redacted, 14 characters]"),
        ("e:\n  - DB_PASSWORD=root\n", "a.yml", "e.DB_PASSWORD", "[redacted, 4 characters]"),
        ("e:\n  - DB_PASSWORD=root\n", "a.yml", "e", "DB_PASSWORD=[redacted, 4 characters]"),
        ("env:\n  - name: API_TOKEN\n    value: abcdefgh\n", "a.yml", "env.*.value", "[redacted, 8 characters]"),
        ("env:\n  - name: API_TOKEN\n    value: abcdefgh\n", "a.yml", "env.API_TOKEN", "[redacted, 8 characters]"),
        ("password: ${DB_PASSWORD}\n", "a.yml", "password", "${DB_PASSWORD}"),
        ("password: ${DB_PASSWORD:-hunter2}\n", "a.yml", "password", "${DB_PASSWORD:-[redacted, 7 characters]}"),
        ("password: ${DB_PASSWORD:?set it}\n", "a.yml", "password", "${DB_PASSWORD}"),
        ("url: postgres://u:hunter2@db/x\n", "a.yml", "url", "postgres://u:[redacted]@db/x"),
        ("url: postgres://u:${PASSWORD}@db/x\n", "a.yml", "url", "postgres://u:${PASSWORD}@db/x"),
        ("token_ttl: 3600\n", "a.yml", "token_ttl", "3600"),
        ("use_password: true\n", "a.yml", "use_password", "true"),
        ("password_file: /run/secrets/a\n", "a.yml", "password_file", "/run/secrets/a"),
        ('{"secret": "s3cr3t"}', "a.json", "secret", "[redacted, 6 characters]"),
        ("secret = 's3cr3t'\n", "a.toml", "secret", "[redacted, 6 characters]"),
        ("JWT_SECRET=changeme\n", ".env", "JWT_SECRET", "[redacted, 8 characters]"),
    ],
)
def test_literal_secrets_are_masked_and_references_stay(text: str, path: str, key: str, shown: str) -> None:
    assert [text for _, text in at(text, path, key)] == [shown]


SECRETS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", min_size=9, max_size=40)


@given(SECRETS)
def test_no_value_under_the_name_of_a_secret_survives(secret: str) -> None:
    texts = {
        "a.json": json.dumps({"db": {"password": secret}, "list": [f"API_TOKEN={secret}"]}),
        "a.yml": f"db: {{password: '{secret}'}}\nlist: ['API_TOKEN={secret}']\n",
        "a.toml": f"[db]\npassword = '{secret}'\n",
        ".env": f"DB_PASSWORD={secret}\n",
        "a.properties": f"db.password={secret}\n",
    }
    for path, text in texts.items():
        assert all(secret not in value.text for value in parse(text, path)), path


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_is_json_parses(value: object) -> None:
    assert all(item.line == 1 for item in parse(json.dumps(value), "a.json"))


@given(st.text(max_size=200), st.sampled_from(["a.yml", "a.json", "a.toml", "a.ini", ".env", "Dockerfile"]))
def test_any_text_parses_or_says_why(text: str, path: str) -> None:
    try:
        parse(text, path)
    except Unparsable as error:
        reason = str(error)
    else:
        return
    assert reason


def test_the_last_stage_of_a_dockerfile_has_what_it_builds_on() -> None:
    text = (
        "ARG V=22\n# FROM evil\nFROM node:${V}-alpine AS base\nUSER node\n"
        "FROM base AS build\nRUN a \\\n  # comment\n  b\n"
        'FROM base\nHEALTHCHECK --interval=5s \\\n  CMD wget x\nCMD ["node", "a.js"]\n'
    )
    assert at(text, "Dockerfile", "from.*") == [(3, "node:22-alpine")]
    assert at(text, "docker/api.Dockerfile", "final.user") == [(4, "node")]
    assert at(text, "Dockerfile.prod", "final.healthcheck") == [(10, "--interval=5s CMD wget x")]


def test_a_here_document_is_no_instruction() -> None:
    assert at("FROM a:1\nRUN <<EOF\nUSER app\nEOF\n", "Dockerfile", "final.user") == []


def test_a_stage_can_be_named_by_its_number() -> None:
    assert at("FROM a:1 AS x\nUSER app\nFROM 0\n", "Dockerfile", "final.user") == [(2, "app")]
