"""Checking what `qa-api prove` prints, with the public keys alone and without a database."""

from base64 import b64decode
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import orjson

from qa_api.worker.checkpoints import Checkpoint, Keys
from qa_api.worker.notes import NoteRefused
from qa_api.worker.proving import FORM
from qa_api.worker.tree import leaf_hash, root_by_consistency, root_by_inclusion

_ACCESS_LOG = "access_log"


class NotShown(Exception):
    """The proof does not prove what it says; the message says where it fails."""


def check_proof(text: str, keys: Keys, held: Sequence[Checkpoint]) -> str:
    """What a proof shows, in words. `held` are the checkpoints of whoever checks. Raises NotShown.

    Of growth it is checked against what they hold; of an event or a look against the checkpoint
    that goes with it, which one of the keys must have signed.
    """
    head, separator, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    if not separator:
        raise NotShown("it is no proof: it has no checkpoint")
    try:
        signed = keys.read_note(note)
    except NoteRefused as refused:
        raise NotShown(f"its checkpoint: {refused}") from None
    try:
        if first == FORM:
            return _inclusion(lines, signed)
        if first.startswith("old "):
            return _growth(int(first.removeprefix("old ")), _hashes(lines), signed, held)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise NotShown("it cannot be read") from None
    raise NotShown(f"it is of no form that is known here: {first[:40]!r}")


def _inclusion(lines: Sequence[str], signed: Checkpoint) -> str:
    extra = b64decode(_rest_of_line("extra ", lines[0]), validate=True)
    index = int(_rest_of_line("index ", lines[1]))
    told = orjson.loads(extra)
    entry = extra if isinstance(told, list) else told["seal"].encode()
    leaf = leaf_hash(sha256(entry).digest())
    if root_by_inclusion(leaf, index, signed.number, _hashes(lines[2:])) != _root(signed):
        raise NotShown("its hashes do not lead to the root of its checkpoint")
    where = f"seal {index + 1} of {signed.number}, signed {signed.at}"
    if isinstance(told, list):
        return f"an event, {where}:\n{entry.decode()}"
    _in_batch(told, orjson.loads(entry))
    return f"a line of the access log, behind {where}:\n{told['line']}"


def _in_batch(told: dict[str, Any], seal: list[Any]) -> None:
    """The line is one of those that its seal stands for."""
    _, _, what, count, root, *_ = seal
    leaf = leaf_hash(told["line"].encode())
    found = root_by_inclusion(leaf, told["index"], count, _hashes(told["beside"]))
    if what != _ACCESS_LOG or found != bytes.fromhex(root):
        raise NotShown("its line is not among those that its seal stands for")


def _growth(old: int, path: Sequence[bytes], signed: Checkpoint, held: Sequence[Checkpoint]) -> str:
    same = [one for one in held if one.number == old and not one.former]
    if not same:
        raise NotShown(f"among the checkpoints that are held there is none of {old} seals")
    for one in same:
        if one.epoch != signed.epoch:
            raise NotShown(
                f"a restore lies between seal {old} and this checkpoint (its first line)"
            )
        if root_by_consistency(old, _root(one), signed.number, path) != _root(signed):
            raise NotShown(f"the log is not what it was at seal {old}, signed {one.at}")
    return (
        f"the log only grew from seal {old} ({same[-1].at}) to seal {signed.number} ({signed.at})"
    )


def _rest_of_line(word: str, line: str) -> str:
    if not line.startswith(word):
        raise NotShown(f"it has no line that begins with {word.strip()!r}")
    return line.removeprefix(word)


def _root(checkpoint: Checkpoint) -> bytes:
    return bytes.fromhex(checkpoint.hash)


def _hashes(lines: Sequence[str]) -> list[bytes]:
    return [b64decode(line, validate=True) for line in lines]
