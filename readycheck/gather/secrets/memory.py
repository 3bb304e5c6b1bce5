"""Remembers, in a cache folder, which objects were scanned by which rules, so that a later run looks only at new ones.

Each file is authenticated with a key that does not lie in the folder (`READYCHECK_CACHE_KEY`, or a file of this user): whoever
can write to a shared cache cannot make readycheck skip an object or believe in a result. A file that is damaged, of other rules
or of another key is as good as none.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec
from msgspec import Struct

from readycheck.gather.secrets.fold import Place
from readycheck.gather.secrets.walk import Commit, Origin

#: The variable with a key of your own, for caches that several machines share.
KEY_VARIABLE = "READYCHECK_CACHE_KEY"
#: The largest file that is read back, in bytes.
LARGEST = 512 * 1024 * 1024
_MAC = 32


class State(Struct, frozen=True):
    """A scan of all that was there: the refs' ids it started from, what it looked at, and the credentials with their origins.

    `missing` are objects that the clone lacked, `shallow` a hash of where its history was cut off, `tracked` the paths of the
    patterns that were looked for, with the commits that last touched them.
    """

    tips: tuple[str, ...]
    missing: tuple[str, ...]
    shallow: str
    objects: int
    bytes: int
    commits: int
    places: tuple[Place, ...]
    origins: dict[str, Origin]
    messages: dict[str, Commit]
    tracked: dict[str, Commit]


class Memory:
    """What is remembered of one repository under one version of the rules, in one folder.

    `asked` are the patterns of paths that a scan looks for: a state answers for those alone.
    """

    def __init__(self, folder: Path, name: str, version: str, key: bytes, asked: Iterable[str] = ()) -> None:
        question = hashlib.sha256("\0".join(asked).encode()).hexdigest()[:8]
        self._state = folder / f"{name}-{version}-{question}.state"
        self._seen = folder / f"{name}-{version}.seen"
        self._key = key

    def state(self) -> State | None:
        """The last whole scan, if it is remembered."""
        data = load(self._state, self._key)
        if data is None:
            return None
        try:
            return msgspec.msgpack.decode(data, type=State)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    def seen(self) -> set[str]:
        """The ids of objects that were scanned and held nothing."""
        data = load(self._seen, self._key)
        if not data:
            return set()
        size, ids = data[0], data[1:].hex()
        return {ids[at : at + 2 * size] for at in range(0, len(ids), 2 * size)} if size else set()

    def keep(self, state: State | None, clean: Iterable[str] | None) -> None:
        """Remember a whole scan, if it was one, and the ids of clean objects, if they are told.

        A folder that cannot be written is as good as none.
        """
        if clean is not None:
            ids = sorted(clean)
            size = len(ids[0]) // 2 if ids else 0
            save(self._seen, bytes([size]) + bytes.fromhex("".join(ids)), self._key)
        if state is None:
            with suppress(OSError):
                self._state.unlink(missing_ok=True)
        else:
            save(self._state, msgspec.msgpack.encode(state), self._key)


def cache_folder() -> Path:
    """Where caches of this user lie."""
    import platformdirs

    return platformdirs.user_cache_path("readycheck", appauthor=False) / "secrets"


def machine_key() -> bytes:
    """The key of `READYCHECK_CACHE_KEY`, else of this user on this machine (made at first); 32 bytes.

    Where none can be kept it is new each time: then nothing is remembered, and that is all.
    """
    given = os.environ.get(KEY_VARIABLE)
    if given:
        return hashlib.sha256(given.encode()).digest()
    import platformdirs

    path = platformdirs.user_data_path("readycheck", appauthor=False) / "cache.key"
    with suppress(OSError):
        key = path.read_bytes()
        if len(key) == _MAC:
            return key
    key = secrets.token_bytes(_MAC)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(key)
    return key


def load(path: Path, key: bytes) -> bytes | None:
    """The bytes that `save` put there under this key; None when there are none, or they are not those."""
    try:
        if path.stat().st_size > LARGEST:
            return None
        data = path.read_bytes()
    except OSError:
        return None
    body = data[_MAC:]
    return body if hmac.compare_digest(data[:_MAC], _mac(path, body, key)) else None


def save(path: Path, data: bytes, key: bytes) -> bool:
    """Put the bytes there whole or not at all; False when they cannot be."""
    name = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
            name = file.name
            file.write(_mac(path, data, key) + data)
        Path(name).replace(path)
    except OSError:
        with suppress(OSError):
            if name:
                Path(name).unlink()
        return False
    return True


def _mac(path: Path, body: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(path.name.encode() + b"\0" + body, key=key, digest_size=_MAC).digest()
