"""Proofs for who sees nothing else of the logs, each against the newest checkpoint.

Of an event or of a line of the access log: that it is in what was signed, of the form that C2SP
calls a tlog-proof. What the entry is made of goes with it, and the hashes lead from there to the
root. And that the log only grew since an older checkpoint, of the form in which C2SP has witnesses
told of a new one (RFC 6962, sections 2.1.1 and 2.1.2).
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import orjson

from qa_api.worker.checkpoints import Checkpoint, Checkpoints
from qa_api.worker.sealing import (
    EVENT_COLUMNS,
    LINE_COLUMNS,
    event_said,
    leaves_of,
    line_leaf,
    line_said,
    lines_said,
    seal_leaf,
)
from qa_api.worker.tree import Tree, consistency_path, inclusion_path

FORM: Final = "c2sp.org/tlog-proof@v1"

_PREVIOUS: Final = """
    coalesce((SELECT hash FROM event_seals WHERE number = seal.number - 1), '') AS previous
"""
_EVENT: Final = f"""
SELECT seal.number, {EVENT_COLUMNS}, {_PREVIOUS}
FROM events event LEFT JOIN event_seals seal ON seal.event_id = event.id
WHERE event.id = $1
"""  # noqa: S608 - put together from constants
_LINE: Final = f"SELECT {LINE_COLUMNS} FROM access_log line WHERE line.id = $1"  # noqa: S608 - constants
_SEAL_OF_LINES: Final = f"""
SELECT seal.number, seal.lines, seal.root, seal.leaves, seal.last_xid::text AS last_xid,
       seal.last_at, seal.last_id, {_PREVIOUS}
FROM access_seals seal
WHERE (seal.last_xid, seal.last_at, seal.last_id) >= (CAST($1 AS text)::xid8, $2, $3)
ORDER BY seal.last_xid, seal.last_at, seal.last_id LIMIT 1
"""  # noqa: S608 - put together from constants
_SEALS: Final = "SELECT hash FROM event_seals WHERE number <= $1 ORDER BY number"


class NotProved(Exception):
    """There is no proof; the message says why, and what can be done."""


async def proof_of(connection: Any, event_id: UUID, checkpoints: Checkpoints) -> str:
    """The proof of an event, as text. Raises NotProved. `connection` is asyncpg's."""
    newest, note = _newest(checkpoints)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        event = await connection.fetchrow(_EVENT, event_id)
        if event is None:
            raise NotProved(f"there is no event {event_id}")
        number = _sealed(event["number"], f"event {event_id}", newest)
        leaves = await _signed_leaves(connection, newest)
    return _inclusion(event_said(event["previous"], number, event), number, leaves, note)


async def proof_of_line(connection: Any, line_id: UUID, checkpoints: Checkpoints) -> str:
    """The proof of a line of the access log, as text. Raises NotProved.

    One seal stands for many lines, so the proof also leads from the line to the seal. `extra` is a
    JSON object: the line, its place among them (from 0), the hashes beside its way, and the seal's
    own words. Those hold the count and the root of the lines, and their SHA-256 is the entry.
    """
    newest, note = _newest(checkpoints)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        line = await connection.fetchrow(_LINE, line_id)
        if line is None:
            raise NotProved(
                f"there is no line {line_id} in the access log; it may have gone with its month"
            )
        place = line["xid"], line["at"], line["id"]
        seal = await connection.fetchrow(_SEAL_OF_LINES, str(place[0]), *place[1:])
        number = _sealed(seal["number"] if seal else None, f"line {line_id}", newest)
        leaves = await _signed_leaves(connection, newest)
    lines = leaves_of(seal)
    if line_leaf(line) not in lines:
        raise NotProved(_NOT_AS_SIGNED)
    index = lines.index(line_leaf(line))
    batch = lines_said(seal["previous"], number, seal)
    extra = {
        "line": line_said(line).decode(),
        "index": index,
        "beside": [b64encode(beside).decode() for beside in inclusion_path(lines, index)],
        "seal": batch.decode(),
    }
    return _inclusion(batch, number, leaves, note, orjson.dumps(extra))


async def proof_of_growth(connection: Any, old: int, checkpoints: Checkpoints) -> str:
    """The proof that the log only grew since it had `old` seals, as text. Raises NotProved."""
    newest, note = _newest(checkpoints)
    if old > newest.number:
        raise NotProved(
            f"the newest checkpoint is of {newest.number} seals, and {old} are more: the log that"
            " was seen then is not this one; `qa-api verify` with that checkpoint tells more"
        )
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        leaves = await _signed_leaves(connection, newest)
    path = consistency_path(leaves, old) if old else []
    return "\n".join([f"old {old}", *(b64encode(part).decode() for part in path), "", note])


_NOT_AS_SIGNED: Final = "the log is not what was sealed and signed; `qa-api verify` tells where"


def _newest(checkpoints: Checkpoints) -> tuple[Checkpoint, str]:
    """What a proof leads to, and the same as it was signed."""
    newest, note = checkpoints.newest(), checkpoints.newest_note()
    if newest is None or note is None:
        raise NotProved("no checkpoint of today's form is signed yet; the worker signs one soon")
    return newest, note


def _sealed(number: int | None, what: str, newest: Checkpoint) -> int:
    """The number of its seal, which the newest checkpoint must have."""
    if number is None:
        raise NotProved(f"{what} is not sealed yet; the worker does that within seconds")
    if number > newest.number:
        raise NotProved(
            f"{what} has seal {number}, and the newest checkpoint is of seal {newest.number};"
            " the worker signs one within seconds"
        )
    return number


async def _signed_leaves(connection: Any, newest: Checkpoint) -> list[bytes]:
    """The hashes of all seals that the checkpoint signs, once they are seen to be those."""
    leaves = [
        seal_leaf(row["hash"])
        async for row in connection.cursor(_SEALS, newest.number, prefetch=1_000)
    ]
    if Tree(leaves).root().hex() != newest.hash:
        raise NotProved(_NOT_AS_SIGNED)
    return leaves


def _inclusion(
    entry: bytes, number: int, leaves: Sequence[bytes], note: str, extra: bytes | None = None
) -> str:
    index = number - 1
    told = b64encode(extra or entry).decode()
    path = [b64encode(beside).decode() for beside in inclusion_path(leaves, index)]
    return "\n".join([FORM, f"extra {told}", f"index {index}", *path, "", note])
