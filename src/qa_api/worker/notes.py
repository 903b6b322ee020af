"""Signed notes as C2SP describes them: a text, an empty line, and signatures by named keys.

Keys are written as the other programs that read such notes write them: a verifier key is
`NAME+ID+KEY`, the key that signs `PRIVATE+KEY+NAME+ID+SEED`, both in base 64 behind one byte that
says Ed25519. The ID is the beginning of a hash of the name and the public key.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import field
from hashlib import sha256
from secrets import token_bytes
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from qa_api.rules.unchanging import Unchanging

_ED25519: Final = b"\x01"
_KEY_BYTES: Final = 32
_ID_BYTES: Final = 4
_PRIVATE: Final = "PRIVATE+KEY+"
_SIGNED: Final = "\N{EM DASH} "


class KeyMalformed(ValueError):
    """What was given is no key of this form; the message holds nothing of it."""


class NoteRefused(ValueError):
    """A note is not of this form, or no key that is trusted has signed it."""


class VerifierKey(Unchanging):
    """The public half of a key: whoever has it can tell what the other half signed."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, written: str) -> Self:
        """A key as it is handed on. Raises KeyMalformed."""
        name, id_, public = _parts(written, "NAME+ID+KEY")
        key = cls(name, public)
        if key.id.hex() != id_:
            raise KeyMalformed("its ID does not belong to its name and key: a letter is wrong")
        return key

    @property
    def id(self) -> bytes:
        """Tells the key from others in a note; no proof of anything."""
        said = self.name.encode() + b"\n" + _ED25519 + self.public
        return sha256(said).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64encode(_ED25519 + self.public).decode()}"

    def signed(self, text: str, signature: bytes) -> bool:
        """Whether the signature is this key's over the text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


class SignerKey(Unchanging):
    """A whole key. Whoever has it speaks for the log of its name."""

    name: str
    seed: bytes = field(repr=False)

    @classmethod
    def new(cls, name: str) -> Self:
        """A key that nobody else has. Raises KeyMalformed for a name that no note can hold."""
        if not re.fullmatch(r"[!-*,-~]{1,200}", name):
            raise KeyMalformed(
                "a name has no spaces and no plus, such as qa.example.org/log: it says whose log"
                " it is"
            )
        return cls(name, token_bytes(_KEY_BYTES))

    @classmethod
    def parse(cls, written: str) -> Self:
        """A key as its file holds it. Raises KeyMalformed."""
        written = written.strip()
        if not written.startswith(_PRIVATE):
            raise KeyMalformed(f"it does not begin with {_PRIVATE}")
        name, id_, seed = _parts(written.removeprefix(_PRIVATE), f"{_PRIVATE}NAME+ID+SEED")
        key = cls(name, seed)
        if key.verifier.id.hex() != id_:
            raise KeyMalformed("its ID does not belong to its name and key: a letter is wrong")
        return key

    @property
    def verifier(self) -> VerifierKey:
        """What others need to check what it signs."""
        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        return VerifierKey(self.name, private.public_key().public_bytes_raw())

    def written(self) -> str:
        """As its file holds it."""
        seed = b64encode(_ED25519 + self.seed).decode()
        return f"{_PRIVATE}{self.name}+{self.verifier.id.hex()}+{seed}"

    def sign(self, text: str) -> str:
        """The text as a note of this key; it ends with a line end, and holds no empty line."""
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        said = b64encode(self.verifier.id + signature).decode()
        return f"{text}\n{_SIGNED}{self.name} {said}\n"


def open_note(note: str, keys: Sequence[VerifierKey]) -> str:
    """The text of a note that one of the keys has signed. Raises NoteRefused.

    Signatures of others, such as of witnesses, are passed over; a false one of a key that is
    trusted is none of these.
    """
    text, separator, signatures = note.rpartition("\n\n")
    text += "\n"
    if not separator or not signatures.endswith("\n"):
        raise NoteRefused("it is cut off: it does not end with a whole line of a signature")
    trusted = False
    for line in signatures.splitlines():
        name, id_, signature = _signature(line)
        for key in keys:
            if (key.name, key.id) == (name, id_):
                if not key.signed(text, signature):
                    raise NoteRefused("its signature is not over this text")
                trusted = True
    if not trusted:
        raise NoteRefused("no key that is trusted here has signed it")
    return text


def _signature(line: str) -> tuple[str, bytes, bytes]:
    """The parts of a signature line: the name of the key, its ID, the signature."""
    name, space, said = line.removeprefix(_SIGNED).partition(" ")
    try:
        signature = b64decode(said, validate=True)
    except (NotBase64, ValueError):
        signature = b""
    if not line.startswith(_SIGNED) or not space or len(signature) <= _ID_BYTES:
        raise NoteRefused("a line of its signatures cannot be read")
    return name, signature[:_ID_BYTES], signature[_ID_BYTES:]


def _parts(written: str, form: str) -> tuple[str, str, bytes]:
    """Name, ID and the 32 bytes of a key."""
    parts = written.strip().split("+", 2)
    try:
        name, id_, encoded = parts
        key = b64decode(encoded, validate=True)
    except (NotBase64, ValueError):
        raise KeyMalformed(f"it is not of the form {form}") from None
    if not name or key[:1] != _ED25519 or len(key) != 1 + _KEY_BYTES:
        raise KeyMalformed(f"it is not of the form {form} with a key of Ed25519")
    return name, id_.lower(), key[1:]
