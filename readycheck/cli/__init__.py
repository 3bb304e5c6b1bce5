"""The command line: options in, one sentence of calls, an exit code out."""

from __future__ import annotations

import signal
import sys
from io import TextIOWrapper
from types import FrameType

from readycheck.errors import ReadycheckError
from readycheck.model import Exit


class Interrupted(BaseException):
    """The user pressed Ctrl-C. Not an Exception, so that nothing between here and there can take it for a failure."""


def run(arguments: list[str]) -> int:
    """Run the command line with these arguments and give its exit code."""
    _stop_on_interrupt()
    _show_what_can_be_shown()
    try:
        return _run(arguments)
    except ReadycheckError as error:
        _complain(f"error: {error}", error.hint)
        return Exit.USAGE
    except Interrupted:
        _complain("interrupted: nothing was judged", "")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough; Python must not complain about it again when it flushes at exit.
        sys.stdout = None
        return Exit.READY
    except Exception:  # noqa: BLE001 - anything else is our bug: it shows its traceback and has its own exit code
        import traceback

        traceback.print_exc()
        _complain("internal error: this is a bug in readycheck", "please report it with the traceback above")
        return Exit.INTERNAL


def _run(arguments: list[str]) -> int:
    from readycheck.cli.app import app

    try:
        app(arguments, prog_name="readycheck")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else Exit.READY
    return Exit.READY


def _stop_on_interrupt() -> None:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise Interrupted

    signal.signal(signal.SIGINT, stop)


def _show_what_can_be_shown() -> None:
    """Let a code page that lacks a character show `?` for it, which is better than no report at all."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")


def _complain(message: str, hint: str) -> None:
    sys.stderr.write(f"{message}\n" + (f"  hint: {hint}\n" if hint else ""))
