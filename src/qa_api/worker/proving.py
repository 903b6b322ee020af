"""A proof that an event is in the log that was signed, for who sees nothing else of it.

Of the form that C2SP calls a tlog-proof. The line of the event goes with it; its SHA-256 is the
entry at the index, and the hashes lead from there to the root of a checkpoint.
"""

from base64 import b64encode
from typing import Any, Final
from uuid import UUID

from qa_api.worker.checkpoints import Checkpoint, Checkpoints
from qa_api.worker.sealing import EVENT_COLUMNS, event_said, seal_leaf
from qa_api.worker.tree import Tree, inclusion_path

FORM: Final = "c2sp.org/tlog-proof@v1"

_EVENT: Final = f"""
SELECT seal.number, {EVENT_COLUMNS},
       coalesce((SELECT hash FROM event_seals WHERE number = seal.number - 1), '') AS previous
FROM events event LEFT JOIN event_seals seal ON seal.event_id = event.id
WHERE event.id = $1
"""  # noqa: S608 - put together from constants
_SEALS: Final = "SELECT hash FROM event_seals WHERE number <= $1 ORDER BY number"


class NotProved(Exception):
    """There is no proof to give; the message says why, and what may be done."""


async def proof_of(connection: Any, event_id: UUID, checkpoints: Checkpoints) -> str:
    """The proof of an event, as text. Raises NotProved. `connection` is asyncpg's."""
    newest, note = checkpoints.newest(), checkpoints.newest_note()
    if newest is None or note is None:
        raise NotProved("no checkpoint of today's form is signed yet; the worker signs one soon")
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        event = await connection.fetchrow(_EVENT, event_id)
        _refuse_unsealed(event, event_id, newest)
        leaves = [
            seal_leaf(row["hash"])
            async for row in connection.cursor(_SEALS, newest.number, prefetch=1_000)
        ]
    if Tree(leaves).root().hex() != newest.hash:
        raise NotProved(
            "the log is not what its newest checkpoint says; `qa-api verify` tells where"
        )
    index = event["number"] - 1
    said = event_said(event["previous"], event["number"], event)
    path = [b64encode(beside).decode() for beside in inclusion_path(leaves, index)]
    return "\n".join([FORM, f"extra {b64encode(said).decode()}", f"index {index}", *path, "", note])


def _refuse_unsealed(event: Any, event_id: UUID, newest: Checkpoint) -> None:
    if event is None:
        raise NotProved(f"there is no event {event_id}")
    if event["number"] is None:
        raise NotProved(f"event {event_id} is not sealed yet; the worker does that within seconds")
    if event["number"] > newest.number:
        raise NotProved(
            f"event {event_id} has seal {event['number']}, and the newest checkpoint is of seal"
            f" {newest.number}; the worker signs one within seconds"
        )
