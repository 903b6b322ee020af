"""Entity tags and preconditions (RFC 9110 §8.8.3, §13.1).

A tag is ``"<version>.<digest of the body>"``. The bytes also depend on the caller and the day (what
is allowed, how many days are left). So ``If-Match`` compares the version, which a change would
overwrite, and ``If-None-Match`` compares the whole tag, which a cache holds.
"""

import re
from hashlib import blake2b
from typing import Final

from qa_api.problems import (
    InputError,
    Problem,
    malformed_request,
    precondition_required,
)
from qa_api.values.preconditions import Precondition

_TAG: Final = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_OWN_TAG: Final = re.compile(r"([1-9][0-9]{0,9})\.[0-9a-f]{16}")


def etag(version: int, body: bytes) -> str:
    """The strong tag of a representation, with its quotes, as it goes into ``ETag``."""
    return f'"{version}.{blake2b(body, digest_size=8).hexdigest()}"'


def is_unchanged(if_none_match: str | None, current: str) -> bool:
    """Whether a GET is to be answered 304: the caller already holds ``current``."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    tags = _tags("If-None-Match", if_none_match)
    return any(f'"{opaque}"' == current for _, opaque in tags)


def read_if_match(if_match: str | None, *, may_create: bool = False) -> Precondition:
    """The version that a PATCH, a DELETE or a step is based on (else 428).

    `*` names no version and is refused: it would overwrite what its sender has not read.
    """
    if if_match is None or if_match.strip() == "*":
        raise precondition_required(may_create=may_create)
    # A weak tag never matches strongly, and a tag that is not ours matches nothing.
    matches = (
        _OWN_TAG.fullmatch(opaque) for weak, opaque in _tags("If-Match", if_match) if not weak
    )
    return Precondition(frozenset(int(match[1]) for match in matches if match))


def read_precondition(if_match: str | None, if_none_match: str | None) -> Precondition:
    """The precondition of a PUT: ``If-Match`` replaces, ``If-None-Match: *`` creates (else 428)."""
    if if_none_match is not None:
        if if_match is not None or if_none_match.strip() != "*":
            raise _not_to_create()
        return Precondition(must_not_exist=True)
    return read_if_match(if_match, may_create=True)


def _tags(header: str, written: str) -> list[tuple[bool, str]]:
    """Each tag of a list as (weak, opaque part). An empty list element is allowed."""
    tags = []
    position = 0
    while position < len(written):
        if written[position] in ", \t":
            position += 1
            continue
        match = _TAG.match(written, position)
        if match is None:
            raise _malformed(header)
        tags.append((match[1] is not None, match[2]))
        position = match.end()
        if position < len(written) and written[position] not in ", \t":
            raise _malformed(header)
    if not tags:
        raise _malformed(header)
    return tags


def _not_to_create() -> Problem:
    return malformed_request(
        "A change creates with If-None-Match: * alone, and replaces with If-Match alone.",
        [InputError.of("If-None-Match", "form", "Must be *, and without If-Match.")],
    )


def _malformed(header: str) -> Problem:
    return malformed_request(
        f"The {header} header cannot be read.",
        [InputError.of(header, "form", "Must be * or a list of entity tags in quotes.")],
    )
