from __future__ import annotations

import string
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readycheck.gather.secrets import harmless, loose
from readycheck.gather.secrets.judge import everything
from readycheck.gather.secrets.paths import set_aside
from readycheck.gather.secrets.rules import load_rules

RULES = load_rules()
LETTERS = string.ascii_letters + string.digits


@pytest.mark.parametrize(
    ("judged", "yes", "no"),
    [
        (harmless.is_placeholder, b"your-token-here", b"yK7outRq2Lw9"),
        (harmless.is_placeholder, b"<password>", b"a<b>c9Kd"),
        (harmless.is_placeholder, b"xoxb-XXXXXXXX", b"xoxb-8572xx19"),
        (harmless.is_reference, b"${DB_PASSWORD}", b"Pa$$w0rd{7}"),
        (harmless.is_reference, b"{{ vault.token }}", b"k{3}9Lq"),
        (harmless.is_reference, b"process.env.TOKEN", b"processenv9TOKEN"),
        (harmless.is_reference, b"$PASSWORD", b"9$PASSWORD"),
        (harmless.is_reference, b"getenv", b"%(M.0Vl~2#{o0|2$cB+K|.G$hB~4`Ju@"),
        (harmless.is_counting, b"0123456789abcdef", b"9274650183bcdafe"),
        (harmless.is_closed, b"ENC(2dfRFqV/cS6TzRd+JyO=)", b"ENCrypt9TOKEN"),
        (harmless.is_published, b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYkey", b"wKalrXUtnFEMI/K7MDENH"),
        (harmless.is_monotonous, b"aaaaaaaaab", b"abcdefabc1"),
        (loose.is_words, b"my_secret_password", b"my_swordfish"),
        (loose.is_words, b"changeit!", b"changeit4711"),
        (loose.is_gibberish, b"vzihlaquknriqlht", b"thisismyhorse"),
        (loose.is_usage, b"  #   user.password = 'vr00m'", b"# spring.datasource.password=vr00m"),
        (loose.is_usage, b" *   User.create(password: 'vr00m')", b"#     password: vr00m"),
        (loose.is_chosen, b"Tr0ub4dor&3", b"getPassword()"),
        (loose.is_chosen, b"hunter2#", b"Your password must be long"),
        (loose.is_chosen, b"s3cr3t!x", b"/var/lib/password1"),
        (loose.is_chosen, b"correct9horse", b"passwordField"),
        (loose.is_chosen, b"dipPr13Gg!", b"$2y$10$abcdefghijklmnopqrstuv"),
        (loose.is_made, b"Zf3D0LXCM3EIMbgJpUNnkRtOfOueHznB", b"client-authentication-token-2024-01-01"),
        (loose.is_made, b"fa87409ad3a4589fd279c501b3d2e174855ee9f4", b"fa8740"),
        (loose.is_made, b"aQ4/9KQAwrL2ZYdDJPNG1PQjYxMXNPF", b"https://login.internal/oauth2/v1"),
        (loose.is_made, b"bR75Zy5DPJHhhh7mHw4k0PRRohl5Rytk", b"84a66985-f968-4bac-82c2-365518adf157"),
    ],
)
def test_a_filter_takes_what_it_means_and_leaves_the_rest(judged: object, yes: bytes, no: bytes) -> None:
    assert callable(judged)
    assert judged(yes)
    assert not judged(no)


@given(st.integers(min_value=0, max_value=10**9), st.integers(min_value=20, max_value=64))
def test_a_random_key_is_hardly_ever_harmless(seed: int, size: int) -> None:
    random = Random(seed)
    keys = ["".join(random.choices(LETTERS, k=size)).encode() for _ in range(20)]
    assert sum(harmless.is_harmless(key) for key in keys) <= 1
    assert sum(loose.is_made(key) for key in keys) >= 16


@given(
    st.lists(st.sampled_from(sorted(loose._WORDS)), min_size=1, max_size=4), st.sampled_from([b"", b"_", b"-", b" "])
)
def test_known_words_in_any_order_are_no_password(words: list[bytes], between: bytes) -> None:
    value = between.join(words)
    assert not loose.is_chosen(value)


@given(st.binary(max_size=400))
def test_any_bytes_are_judged(text: bytes) -> None:
    for value in (text, text[:40]):
        harmless.is_harmless(value)
        loose.is_chosen(value)
        loose.is_made(value)


@pytest.mark.parametrize(
    "text", [b"a" * 30_000, b"aA" * 2_000, b"a-" * 2_000, b"A1a1" * 1_000, b"test" * 1_000 + b"!x"]
)
def test_hostile_values_are_judged_at_once(text: bytes) -> None:
    loose.is_plausible(3.0, text, b"")
    loose.is_plausible(0.0, text, b"")


@pytest.mark.parametrize(
    ("rule", "path", "aside"),
    [
        ("password-quoted", "src/config.py", ""),
        ("password-quoted", ".env", ""),
        ("password-quoted", "config/production.json", ""),
        ("password-quoted", "app/contest/settings.py", ""),
        ("password-quoted", "tests/test_login.py", "in a test or an example"),
        ("password-quoted", "src/test/java/LoginTest.java", "in a test or an example"),
        ("password-quoted", ".env.example", "in a test or an example"),
        ("password-quoted", "docs/setup.md", "documentation"),
        ("password-quoted", "locales/de.json", "a translation"),
        ("secret-quoted", "package-lock.json", "a lock or checksum file"),
        ("secret-quoted", "public/app.min.js", "made by a program"),
        ("password-hash", "etc/shadow", ""),
        ("json-web-token", "spec/fixtures/token.txt", "in a test or an example"),
        ("github-personal-token", "tests/test_login.py", ""),
        ("github-personal-token", "docs/setup.md", ""),
    ],
)
def test_a_path_says_whether_a_finding_is_an_alarm(rule: str, path: str, aside: str) -> None:
    assert set_aside(path, RULES.by_id[rule]) == aside


@pytest.mark.parametrize(
    "text",
    [
        "password = form.password1.data",
        '"password": "Passwort"',
        "token: string;",
        "const token = await getToken(user1234567890);",
        'integrity: "sha512-9Kd83kLs0Xk3mQ8vNw2Zr5Tt7Yb1Hc4Ud6Ee9Ff0Gg=="',
        "commit fa87409ad3a4589fd279c501b3d2e174855ee9f4",
        '"id": "84a66985-f968-4bac-82c2-365518adf157"',
        "secret: ${{ secrets.DEPLOY_TOKEN_2 }}",
        "api_key = os.environ['API_KEY_1']",
        "DB_PASSWORD=changeme",
        "postgres://user:password@localhost:5432/app",
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7vbqajDhA4kq9Xk2mZ8 me@host",
        'placeholder="Password1"',
    ],
)
def test_what_programs_are_full_of_does_not_alarm(text: str) -> None:
    assert [match.rule.id for match in everything(RULES.rules, text.encode())] == []
