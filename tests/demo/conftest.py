from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from readycheck.demo.estate import Estate, build
from readycheck.demo.source import service_files


@pytest.fixture(scope="session")
def now() -> datetime:
    return datetime(2026, 3, 1, 15, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def service() -> dict[str, str]:
    return {path: content.decode() for path, content in service_files().items()}


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory, now: datetime) -> Iterator[Estate]:
    with build(tmp_path_factory.mktemp("estate"), now) as built:
        yield built
