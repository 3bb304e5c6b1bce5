"""Threads and processes scan alike, and a worker that dies is no pass."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest
from support.planting import repository

from readycheck.gather.git import Git, GitError, find_git
from readycheck.gather.secrets import crew
from readycheck.gather.secrets.crew import Scanned, scan
from readycheck.gather.secrets.example import written
from readycheck.gather.secrets.listing import every_object, size_of
from readycheck.gather.secrets.rules import RuleFiles
from readycheck.gather.secrets.scan import scanner
from readycheck.gather.secrets.sift import Sifter, Site, Span

RULES = [rule for rule in RuleFiles().rules.rules if rule.id.startswith("github-")]
FILES = 40


@pytest.fixture
def history(tmp_path: Path) -> Git:
    files = {f"file-{number}": written("token = ghp_%{alnum 36}\n", Random(number)) * 3 for number in range(FILES)}
    place = find_git(repository(tmp_path, files))
    assert place
    return Git(place)


def found(git: Git, sifter: Sifter | None = None, seen: crew.Seen | None = None) -> Scanned:
    return scan(git, every_object(git), sifter or Sifter(RULES, scanner(RULES), b"k" * 32), jobs=2, seen=seen)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers are threads")
class TestProcesses:
    @pytest.fixture(autouse=True)
    def _from_the_first_byte(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(crew, "FORKED_FROM", 0)

    def test_they_find_what_threads_find_and_tell_of_every_byte(
        self, history: Git, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told: list[int] = []
        by_processes = found(history, seen=told.append)
        monkeypatch.setattr(crew, "FORKED_FROM", sys.maxsize)
        by_threads = found(history)
        assert by_processes == by_threads
        assert len({site.secret for site in by_processes.sites}) == FILES
        assert sum(told) >= sum(map(size_of, every_object(history)))

    def test_one_that_is_killed_is_an_error(self, history: Git) -> None:
        class Dying(Sifter):
            def sift(self, buffer: bytes | bytearray, size: int, spans: Sequence[Span]) -> Iterator[Site]:
                os.kill(os.getpid(), signal.SIGKILL)
                return super().sift(buffer, size, spans)

        with pytest.raises(GitError, match="ended from outside"):
            found(history, Dying(RULES, scanner(RULES), b"k" * 32))

    def test_git_that_was_stopped_is_an_error_and_not_an_empty_answer(self, history: Git) -> None:
        headers = every_object(history)
        history.stop()
        with pytest.raises(GitError, match="stopped"):
            scan(history, headers, Sifter(RULES, scanner(RULES), b"k" * 32), jobs=2)
