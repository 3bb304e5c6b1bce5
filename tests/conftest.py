"""What tests in several folders share."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import wheelhouse


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder from which pip, pipx and uv install this project without a network."""
    folder = tmp_path_factory.mktemp("packages")
    wheelhouse.fill(folder)
    return folder
