"""A server that speaks SQL Server's wire protocol and answers from a recording: no SQL is understood, each is looked up.

The protocol is MS-TDS 7.4 (learn.microsoft.com/openspecs/windows_protocols/ms-tds), without TLS and without RPC.
"""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from readycheck.gather.database.recording import Answered, Recording

PRELOGIN, LOGIN7, BATCH, ATTENTION, TRANSACTION, REPLY = 0x12, 0x10, 0x01, 0x06, 0x0E, 0x04
COLLATION = bytes.fromhex("0904d00034")
DONE = struct.pack("<BHHQ", 0xFD, 0x0000, 0, 0)
#: What SQLAlchemy asks of a server when it first meets it, by a word of the question.
GREETINGS: Mapping[str, Any] = {
    "@@version": "Microsoft SQL Server 2022 (RTM) - 16.0.4135.4 (X64)",
    "schema_name()": "dbo",
    "test max support": "test max support",
    "system_views": "dm_exec_sessions",
    "transaction_isolation_level": "READ UNCOMMITTED",
}


def _name(text: str) -> bytes:
    return bytes([len(text)]) + text.encode("utf-16-le")


def _long(text: str) -> bytes:
    return struct.pack("<H", len(text)) + text.encode("utf-16-le")


def _column(name: str, values: Sequence[Any]) -> bytes:
    """The type that all values of the column have: bit, bigint, float, else text."""
    kinds = {type(value) for value in values if value is not None}
    head = struct.pack("<IH", 0, 9)
    if kinds == {bool}:
        kind = b"\x68\x01"
    elif kinds <= {int, bool} and kinds:
        kind = b"\x26\x08"
    elif kinds <= {int, float} and kinds:
        kind = b"\x6d\x08"
    else:
        kind = b"\xe7" + struct.pack("<H", 8000) + COLLATION
    return head + kind + _name(name)


def _cell(kind: int, value: Any) -> bytes:
    if kind == 0xE7:
        if value is None:
            return b"\xff\xff"
        data = str(value).encode("utf-16-le")
        return struct.pack("<H", len(data)) + data
    if value is None:
        return b"\x00"
    if kind == 0x68:
        return bytes([1, bool(value)])
    return b"\x08" + (struct.pack("<q", int(value)) if kind == 0x26 else struct.pack("<d", float(value)))


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """A result set."""
    described = [_column(name, [row[at] for row in rows]) for at, name in enumerate(columns)]
    parts = [b"\x81" + struct.pack("<H", len(columns)), *described]
    parts += [
        b"\xd1" + b"".join(_cell(kind[6], value) for kind, value in zip(described, row, strict=True)) for row in rows
    ]
    return b"".join([*parts, struct.pack("<BHHQ", 0xFD, 0x0010, 0xC1, len(rows))])


def refusal(number: int, message: str) -> bytes:
    """An error, and the end of the batch."""
    body = struct.pack("<iBB", number, 1, 16) + _long(message) + _name("fake") + _name("") + struct.pack("<I", 1)
    return b"\xaa" + struct.pack("<H", len(body)) + body + struct.pack("<BHHQ", 0xFD, 0x0002, 0, 0)


def _changed(kind: int, new: bytes, old: bytes) -> bytes:
    body = bytes([kind]) + new + old
    return b"\xe3" + struct.pack("<H", len(body)) + body


def _welcome() -> bytes:
    program = _name("Microsoft SQL Server")
    body = b"\x01" + struct.pack(">I", 0x74000004) + program + bytes([16, 0, 0x10, 0x27])
    acknowledged = b"\xad" + struct.pack("<H", len(body)) + body
    database = _changed(1, _name("loans"), _name("master"))
    size = _changed(4, _name("4096"), _name("4096"))
    collation = _changed(7, bytes([5]) + COLLATION, b"\x00")
    return database + collation + acknowledged + size + DONE


class Connection(socketserver.BaseRequestHandler):
    """One client: login, then batches until it hangs up."""

    server: Fake

    def handle(self) -> None:
        while (message := self._message()) is not None:
            kind, body = message
            if kind == PRELOGIN:
                self._reply(self._offer())
            elif kind == LOGIN7:
                self._reply(_welcome() if self.server.admits else refusal(18456, "Login failed for user 'sa'."))
            elif kind == BATCH:
                (skipped,) = struct.unpack_from("<I", body)
                self._reply(self.server.answer(body[skipped:].decode("utf-16-le")))
            elif kind == ATTENTION:
                self._reply(struct.pack("<BHHQ", 0xFD, 0x0020, 0, 0))
            else:
                self._reply(DONE)

    def _offer(self) -> bytes:
        options = [(0, bytes([16, 0, 0x10, 0x27, 0, 0])), (1, b"\x02"), (2, b"\x00"), (3, b""), (4, b"\x00")]
        at, heads, values = 5 * len(options) + 1, b"", b""
        for number, value in options:
            heads += struct.pack(">BHH", number, at + len(values), len(value))
            values += value
        return heads + b"\xff" + values

    def _message(self) -> tuple[int, bytes] | None:
        body = b""
        while head := self._exactly(8):
            kind, status, length = struct.unpack_from(">BBH", head)
            body += self._exactly(length - 8) or b""
            if status & 1:
                return kind, body
        return None

    def _exactly(self, count: int) -> bytes | None:
        data = b""
        while len(data) < count:
            part = self.request.recv(count - len(data))
            if not part:
                return None
            data += part
        return data

    def _reply(self, body: bytes) -> None:
        size = 4000
        parts = [body[at : at + size] for at in range(0, len(body), size)] or [b""]
        for number, part in enumerate(parts):
            last = number == len(parts) - 1
            self.request.sendall(struct.pack(">BBHHBB", REPLY, last, len(part) + 8, 51, number % 256, 0) + part)


class Fake(socketserver.ThreadingTCPServer):
    """Answers statements as they were recorded; what was not recorded is an object that does not exist."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, recording: Recording, *, admits: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.admits = admits
        self.asked: list[str] = []
        self.known = {" ".join(answer.sql.split()): answer for answer in recording.answers}

    def answer(self, sql: str) -> bytes:
        text = " ".join(sql.split())
        greeting = next((value for word, value in GREETINGS.items() if word in text.lower()), None)
        known: Answered | None = self.known.get(text)
        self.asked.append(text)
        if known is not None:
            return refusal(300, known.error) if known.error else table(known.columns, known.rows)
        if greeting is not None:
            return table([""], [[greeting]])
        return DONE if text.upper().startswith(("SET ", "IF @@TRANCOUNT")) else refusal(208, "Invalid object name.")


@contextmanager
def serving(recording: Recording, *, admits: bool = True) -> Iterator[tuple[str, Fake]]:
    """The URL of a server that answers from this recording."""
    with Fake(recording, admits=admits) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"mssql://sa:correct-horse@127.0.0.1:{server.server_address[1]}/loans?Encrypt=no", server
        finally:
            server.shutdown()
            thread.join()
