"""What a sender says of a caseload, so that one that was cut is not taken for a short one (R4.4.4).

A file that was cut at the end of a line is one in every respect. Only who wrote it knows how many
children are in it, and its digest.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import IO, Final, NoReturn, Self

from qa_api import problems
from qa_api.problems import InputError
from qa_api.rules.unchanging import Unchanging

HEADER: Final = "Content-Digest"
"""The digest of the body as it is sent (RFC 9530)."""
_PART: Final = 2**20
_ALGORITHMS: Final[Mapping[str, str]] = {"sha-256": "sha256", "sha-512": "sha512"}
_MEMBER: Final = re.compile(r"[ \t]*([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):[ \t]*")


class Stated(Unchanging):
    """How many children are to be in a caseload, and the digests of its body by algorithm."""

    count: int | None = None
    digests: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, count: int | None, content_digest: Sequence[str]) -> Self:
        """What a request says; 422 where its digest cannot be compared.

        Several header lines are one with commas (RFC 9110 §5.3).
        """
        return cls(count, _read(", ".join(content_digest)) if content_digest else {})

    def check_content(self, content: IO[bytes]) -> None:
        """Refuse another body than the one that was sent."""
        for algorithm, stated in self.digests.items():
            if _digest(content, algorithm) != stated:
                _refuse(HEADER, "not-whole", "What arrived is not the whole body, or another one.")

    def check_count(self, children: int) -> None:
        """Refuse more or fewer children than there are to be."""
        if self.count not in (None, children):
            detail = f"It has {children:,} children, and {self.count:,} are to be in it."
            _refuse("count", "not-whole", detail)


def _digest(content: IO[bytes], algorithm: str) -> bytes:
    content.seek(0)
    digest = hashlib.new(algorithm)
    while part := content.read(_PART):
        digest.update(part)
    return digest.digest()


def _read(content_digest: str) -> Mapping[str, bytes]:
    said = [_MEMBER.fullmatch(member) for member in content_digest.split(",")]
    try:
        read = {one[1]: base64.b64decode(one[2], validate=True) for one in said if one}
    except binascii.Error:
        read = {}
    known = {_ALGORITHMS[name]: value for name, value in read.items() if name in _ALGORITHMS}
    # What nobody can compare would be taken for compared.
    if not known or None in said:
        _refuse(HEADER, "malformed", "Say `sha-256=:` and the digest in base64 and `:`.")
    return known


def _refuse(where: str, code: str, detail: str) -> NoReturn:
    raise problems.validation([InputError.of(where, code, detail)])
