"""Tells by its path why what a rule finds in a file is not an alarm; it is kept in view, set aside with the reason."""

from __future__ import annotations

import re

from readycheck.gather.secrets.rules import Rule

# Kinds that are no proof of a leak in a test: keys, tokens and hashes are made for tests by the hundred.
_MADE_FOR_TESTS = re.compile(
    r"private-key|age-secret-key|json-web|jwt|(?:^|-)hash|network-credential|netrc|pgpass|docker-auth|registry-auth|kubeconfig|master-password|"
    r"minisign|wireguard|openvpn|dnssec|secret-key-base|app-key|django-secret"
)
_LOCKED = re.compile(
    r"(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock|composer\.lock|Gemfile\.lock|"
    r"poetry\.lock|Pipfile\.lock|pdm\.lock|uv\.lock|pixi\.lock|Cargo\.lock|go\.sum|mix\.lock|pubspec\.lock|Podfile\.lock|"
    r"packages\.lock\.json|gradle\.lockfile|flake\.lock|\.terraform\.lock\.hcl|Package\.resolved|Cartfile\.resolved|"
    r"\.secrets\.baseline|\.gitleaksignore)$|\.lock$|\.(?:sha\d+|md5|sum|asc|sig)$"
)
_MADE = re.compile(
    r"\.min\.[cm]?(?:js|css)$|[-.]bundle\.[cm]?js$|\.(?:map|pb\.go|designer\.cs|g\.cs|snap|svg|ipynb|po|pot|xlf|arb|resx|tt|erb|j2|jinja2?|tpl|tmpl|hbs|ejs|mustache)$|_pb2(?:_grpc)?\.pyi?$|"
    r"(?:^|/)(?:dist|build|out|target|coverage|\.next|\.nuxt|__generated__|generated)/",
    re.IGNORECASE,
)
_VENDORED = re.compile(
    r"(?:^|/)(?:node_modules|bower_components|jspm_packages|vendor|vendored|third[_-]?party|deps|external|Godeps|Pods|Carthage|site-packages|"
    r"\.yarn|\.?venv)/",
    re.IGNORECASE,
)
_TRANSLATED = re.compile(
    r"(?:^|/)(?:locales?|lang|langs?|languages?|i18n|l10n|translations?|messages|Localization)/|(?:^|/)messages?_\w+\.properties$|"
    r"(?:^|/)(?:translations?|messages)[._-][\w-]+\.(?:json|ya?ml|php|properties)$|\.(?:strings|lproj)(?:/|$)",
    re.IGNORECASE,
)
_TEST = re.compile(
    r"(?:^|/)(?:[\w.-]*[-_.])?(?:tests?|testing|docker[tT]est|\w*Test|specs?|__tests__|__mocks__|mocks?|fixtures?|testdata|test[-_]?data|test[-_]?utils?|e2e|integration[-_]?tests?|"
    r"intTest|integTest|cypress|playwright|examples?|samples?|demos?|benches|benchmarks?|smoke[-_]?tests?|stubs?|dummy|t|playground|snippets)(?:[-_][\w.-]*)?/|"
    r"(?:^|/)src/\w*[tT]est\w*/|[-_.](?:test|spec|tests|e2e|mock|fixture|stories|example|sample|template|tmpl|dist|default)s?(?:\.\w+)*$|"
    r"(?:^|/)(?:test_[^/]*|conftest|[^/]*_test|[^/]*(?:Test|Tests|TestCase|Spec|IT))\.\w+$|"
    r"(?:^|/)[\w.-]*(?:[-.]Tests?|[-.]Specs?)/|(?:example|sample)[^/]*\.(?:env|ini|conf|cfg|ya?ml|json|toml|properties)$",
)
_DOCUMENT = re.compile(
    r"\.(?:md|mdx|markdown|rst|adoc|asciidoc|rdoc|tex|pod|\d|man|html?|txt)$|(?:^|/)(?:docs?|documentation|javadoc|guides?|man|website|blog)/|"
    r"(?:^|/)(?:README|CHANGELOG|CHANGES|HISTORY|NEWS|LICENSE|COPYING|CONTRIBUTING|AUTHORS)[^/]*$",
    re.IGNORECASE,
)


def set_aside(path: str, rule: Rule) -> str:
    """Why a finding of this rule at this path is not an alarm, or an empty string when it is one.

    A token that bears its provider's mark counts everywhere but in files that programs write from public data. What is
    known by a name beside it alone, and keys and hashes that tests are full of, count in the project's own files only.
    """
    if _LOCKED.search(path):
        return "a lock or checksum file"
    if path.endswith(".svg"):
        return "a drawing"
    if (rule.text.loose or rule.text.near) and _MADE.search(path):
        return "made by a program"
    if not (rule.text.loose or rule.text.near or _MADE_FOR_TESTS.search(rule.id)):
        return ""
    if _TEST.search(path):
        return "in a test or an example"
    if _VENDORED.search(path):
        return "vendored from others"
    if rule.text.loose and _TRANSLATED.search(path):
        return "a translation"
    if _DOCUMENT.search(path):
        return "documentation"
    return ""
