from __future__ import annotations

from random import Random

import pytest

from readycheck.gather.secrets.example import written
from readycheck.gather.secrets.judge import everything
from readycheck.gather.secrets.rules import Rule, RuleFiles

RULES = RuleFiles().with_examples()


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
@pytest.mark.parametrize("seed", range(5))
def test_a_rule_finds_its_secrets_and_leaves_the_harmless(rule: Rule, seed: int) -> None:
    random = Random(f"{rule.id} {seed}")
    for template in rule.text.examples.secret:
        text = written(template, random)
        assert everything([rule], text.encode()), f"no secret found in {template}"
    for template in rule.text.examples.harmless:
        text = written(template, random)
        assert not everything([rule], text.encode()), f"a secret found in {template}"


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_each_match_of_a_rule_has_one_of_its_keywords(rule: Rule) -> None:
    keywords = rule.text.keywords or rule.text.near
    random = Random(rule.id)
    for template in rule.text.examples.secret:
        text = written(template, random).lower()
        assert not rule.text.keywords or any(word.lower() in text for word in keywords), template


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_each_match_of_a_rule_has_one_of_the_words_that_tell_it(rule: Rule) -> None:
    random = Random(rule.id)
    for template in rule.text.examples.secret:
        for match in rule.exact.finditer(written(template, random).encode()):
            assert not rule.marks or any(mark in match[0].lower() for mark in rule.marks), template


def test_hardly_a_rule_is_tried_at_every_byte_where_there_is_no_scanner_for_expressions() -> None:
    assert sum(not rule.marks for rule in RULES.rules) <= len(RULES.rules) // 40


def test_there_are_hundreds_of_kinds_and_the_index_says_the_same_of_each() -> None:
    indexed = RuleFiles().rules.by_id
    assert len(RULES.rules) >= 200
    assert {rule.id: rule.scanned for rule in RULES.rules} == {name: rule.scanned for name, rule in indexed.items()}
    assert {rule.id: rule.marks for rule in RULES.rules} == {name: rule.marks for name, rule in indexed.items()}
    assert all(rule.known for rule in indexed.values())
