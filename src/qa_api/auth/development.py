"""The development issuer: signs tokens with a key of its own, on this machine only.

Its tokens take the same path as any others: the verifier reads the public key set from the file
that is written here.
"""

import os
import secrets
import tempfile
from dataclasses import field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jose import jwk, jws

from qa_api import clock
from qa_api.rules.unchanging import Unchanging
from qa_api.token_issuers import TokenIssuer

ISSUER: Final = "urn:qa-api:development"
AUDIENCE: Final = "qa-api"
ALGORITHM: Final = "ES256"

_PRIVATE: Final = "signing-key.pem"
_PUBLIC: Final = "jwks.json"


class DevelopmentIssuer(Unchanging):
    """Issues tokens for the principals of a development authority."""

    directory: Path
    _key: str = field(repr=False)
    _kid: str

    @classmethod
    def open(cls, directory: Path) -> "DevelopmentIssuer":
        """The issuer that keeps its key in ``directory``; the key is made when there is none.

        Only the owner may read the private key. Several processes may start at once: they end up
        with the same key.
        """
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        private = directory / _PRIVATE
        if not private.exists():
            _keep_first(private, _new_key(), mode=0o600)
        key = private.read_text("ascii")
        public = _public_key(key)
        _replace(directory / _PUBLIC, orjson.dumps({"keys": [public]}), mode=0o644)
        return cls(directory, key, public["kid"])

    @property
    def settings(self) -> TokenIssuer:
        """What a verifier needs to know to accept this issuer's tokens."""
        return TokenIssuer(
            issuer=ISSUER,
            audience=AUDIENCE,
            jwks_file=self.directory / _PUBLIC,
            algorithms=(ALGORITHM,),
        )

    def issue(self, subject: str, *, ttl: timedelta = timedelta(hours=12)) -> str:
        """A token that names ``subject`` and is valid from now for ``ttl``."""
        issued_at = int(clock.now().timestamp())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": issued_at,
            "nbf": issued_at,
            "exp": issued_at + int(ttl.total_seconds()),
            "jti": secrets.token_hex(8),
        }
        headers = {"kid": self._kid, "typ": "at+jwt"}
        return jws.sign(claims, self._key, headers=headers, algorithm=ALGORITHM)


def _new_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _public_key(private: str) -> dict[str, str]:
    members = jwk.construct(private, ALGORITHM).public_key().to_dict()
    public = {
        name: value.decode("ascii") if isinstance(value, bytes) else str(value)
        for name, value in members.items()
        if name in ("kty", "crv", "x", "y")
    }
    # The thumbprint of RFC 7638: the same key has the same id, wherever it is written.
    thumbprint = sha256(orjson.dumps(public, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return {**public, "kid": thumbprint[:32], "alg": ALGORITHM, "use": "sig"}


def _written_beside(path: Path, content: bytes, mode: int) -> Path:
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        file.write(content)
    return Path(name)


def _keep_first(path: Path, content: bytes, mode: int) -> None:
    """Write a file whole, unless somebody else was first."""
    written = _written_beside(path, content, mode)
    try:
        os.link(written, path)
    except FileExistsError:
        return
    finally:
        written.unlink()


def _replace(path: Path, content: bytes, mode: int) -> None:
    _written_beside(path, content, mode).replace(path)
