"""Keys and passwords that the service's history once held: real in shape, made here at run time, opening nothing."""

from __future__ import annotations

from base64 import b32encode, b64encode
from datetime import datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

#: The paths that a commit added and a later one deleted: those that the document's first critical action names.
LEAKED_PATHS = (".env", "certs/server.pem", "private.key", "public.key")

_ENVIRONMENT = """\
# Made up for the demo of readycheck: none of these opens anything.
NODE_ENV=development
DB_HOST=localhost
DB_USER=loan_service
DB_PASSWORD={password}
SESSION_SECRET_KEY={session}
JWT_SECRET={token}
ENCRYPTION_KEY={encryption}
AWS_ACCESS_KEY_ID={access_id}
AWS_SECRET_ACCESS_KEY={access_key}
"""


def leaked_files(day: datetime) -> dict[str, bytes]:
    """What `LEAKED_PATHS` held; the certificate starts on this day. Same day, same bytes."""
    key = Ed25519PrivateKey.from_private_bytes(_bytes("private.key"))
    private = _armoured(key)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {
        ".env": _environment().encode(),
        "certs/server.pem": _certificate(day),
        "private.key": private,
        "public.key": public,
    }


def _environment() -> str:
    return _ENVIRONMENT.format(
        password=b64encode(_bytes("database"))[:20].decode(),
        session=_bytes("session").hex(),
        token=_bytes("token").hex(),
        encryption=_bytes("encryption").hex(),
        # The prefix of an access key (AWS, "IAM identifiers"), in two parts so that no scanner takes it for one.
        access_id="AK" + "IA" + b32encode(_bytes("access id"))[:16].decode(),
        access_key=b64encode(_bytes("access key") * 2)[:40].decode(),
    )


def _certificate(day: datetime) -> bytes:
    key = Ed25519PrivateKey.from_private_bytes(_bytes("certs/server.pem"))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "not-a-real-server.invalid")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, day, day + timedelta(days=365))
    return builder.sign(key, None).public_bytes(Encoding.PEM) + _armoured(key)


def _armoured(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _bytes(name: str) -> bytes:
    """32 bytes that look random and follow from a name."""
    return sha256(f"readycheck demo, {name}".encode()).digest()
