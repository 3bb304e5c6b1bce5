from __future__ import annotations

from random import Random

import pytest

from readycheck.gather.secrets.example import written
from readycheck.gather.secrets.judge import everything
from readycheck.gather.secrets.rules import Rule, load_rules

RULES = load_rules()


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
