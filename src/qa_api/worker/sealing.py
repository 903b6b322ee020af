"""The event log sealed into a hash chain, and checkpoints of the chain outside the database.

Whoever changes, removes or slips in a sealed event breaks the chain; whoever cuts off its end
contradicts a checkpoint. Events are sealed in `(xid, id)` order once no older transaction can
still commit, so nothing is ever sealed out of order and nobody waits for the sealer.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Self

import orjson
from sqlalchemy import insert, text

from qa_api.models.events import EventSeal
from qa_api.settings import Settings
from qa_api.work import Work

AT_ONCE: Final = 5_000
"""Events sealed in one transaction."""


class CheckpointForged(Exception):
    """A line of the checkpoint file does not bear our signature."""


def chained(previous: str, number: int, event: Mapping[str, Any]) -> str:
    """The hash of one sealed event: of all that it says and of the seal before it."""
    said = orjson.dumps(
        [
            previous,
            number,
            str(event["id"]),
            str(event["xid"]),
            event["at"].isoformat(),
            event["type"],
            str(event["principal_id"]),
            event["correlation_id"],
            str(event["about_id"]),
            str(event["subject_id"]),
            event["data"],
        ],
        option=orjson.OPT_SORT_KEYS,
    )
    return sha256(said).hexdigest()


EVENT_COLUMNS: Final = """event.id, event.xid::text AS xid, event.at, event.type,
    event.principal_id, event.correlation_id, event.about_id, event.subject_id,
    event.data::text AS data"""


async def seal_events(work: Work) -> int:
    """Seal what has become final since; returns how many events that were."""
    last = (await work.session.execute(_LAST)).one_or_none()
    found = await work.session.execute(
        _UNSEALED,
        {"xid": last.xid if last else "0", "id": last.id if last else None, "most": AT_ONCE},
    )
    number, previous = (last.number, last.hash) if last else (0, "")
    seals = []
    for row in found.mappings():
        event = dict(row)
        number += 1
        previous = chained(previous, number, event)
        seals.append({"number": number, "event_id": event["id"], "hash": previous})
    if seals:
        await work.session.execute(insert(EventSeal), seals)
    return len(seals)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the chain looked like: its newest seal at some instant."""

    number: int
    event_id: str
    hash: str
    at: str


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """A file of signed checkpoints, one a line; kept where the database's owner cannot write."""

    file: Path
    key: bytes

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """The checkpoints that the settings name, if they do."""
        if settings.checkpoint_file is None or settings.checkpoint_secret is None:
            return None
        secret = settings.checkpoint_secret.get_secret_value()
        return cls(settings.checkpoint_file, secret.encode())

    def read(self) -> list[Checkpoint]:
        """All of them, oldest first; CheckpointForged at a line that is not ours."""
        if not self.file.exists():
            return []
        return [
            self._read_line(number, line)
            for number, line in enumerate(self.file.read_bytes().splitlines(), start=1)
        ]

    def append(self, checkpoint: Checkpoint) -> None:
        """Add one, signed."""
        said = {name: getattr(checkpoint, name) for name in Checkpoint.__dataclass_fields__}
        line = orjson.dumps({**said, "signature": self._sign(said)})
        with self.file.open("ab") as file:
            file.write(line + b"\n")

    def _read_line(self, number: int, line: bytes) -> Checkpoint:
        try:
            said = orjson.loads(line)
            signature = said.pop("signature")
            checkpoint = Checkpoint(**said)
        except (ValueError, TypeError, KeyError, AttributeError) as unreadable:
            raise CheckpointForged(f"line {number} cannot be read") from unreadable
        if not hmac.compare_digest(signature, self._sign(said)):
            raise CheckpointForged(f"line {number} is not signed with this secret")
        return checkpoint

    def _sign(self, said: Mapping[str, Any]) -> str:
        return hmac.new(
            self.key, orjson.dumps(dict(said), option=orjson.OPT_SORT_KEYS), sha256
        ).hexdigest()


async def write_checkpoint(work: Work, checkpoints: Checkpoints) -> None:
    """Add a checkpoint of the newest committed seal, unless the file has it already."""
    last = (await work.session.execute(_LAST)).one_or_none()
    earlier = checkpoints.read()
    if last is not None and (not earlier or earlier[-1].number < last.number):
        checkpoints.append(Checkpoint(last.number, str(last.id), last.hash, work.now.isoformat()))


_LAST = text("""
SELECT seal.number, seal.hash, event.xid::text AS xid, event.id
FROM event_seals seal JOIN events event ON event.id = seal.event_id
ORDER BY seal.number DESC LIMIT 1
""")

_UNSEALED = text(f"""
SELECT {EVENT_COLUMNS} FROM events event
WHERE (event.xid, event.id) > (
          CAST(:xid AS text)::xid8, coalesce(:id, '00000000-0000-0000-0000-000000000000'::uuid))
  AND event.xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY event.xid, event.id
LIMIT :most
""")  # noqa: S608 - put together from constants of this file
