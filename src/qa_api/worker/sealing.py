"""The event log sealed into a hash chain, and checkpoints of the chain outside the database.

Whoever changes, removes or slips in a sealed event breaks the chain; whoever cuts off its end
contradicts a checkpoint. Events are sealed in `(xid, id)` order once no older transaction can
still commit, so nothing is ever sealed out of order and nobody waits for the sealer. The upper bits
of `xid` are the epoch, so what is written after a restore follows all that was restored (ADR 14).
"""

import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Self

import orjson
from sqlalchemy import insert, text

from qa_api.db import RESTORE_UNTOLD, RestoreUntold
from qa_api.models.events import EventSeal
from qa_api.settings import Settings
from qa_api.work import Work

log = logging.getLogger(__name__)

AT_ONCE: Final = 5_000
"""Events sealed in one transaction."""


RESTORED_WITHOUT_CHECKPOINTS: Final = (
    "after a restore, run `qa-api restored` with QA_CHECKPOINT_FILE and QA_CHECKPOINT_SECRET"
)


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
    """Seal what has become final since; returns how many events that were.

    None after a restore that nobody told: what is written then has no place in the order yet.
    """
    if await work.session.scalar(text(RESTORE_UNTOLD)):
        log.error("events are not sealed: %s", RestoreUntold())
        return 0
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
    epoch: int = 0
    """How many restores the log has behind it, as far as this file knows."""


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
            checkpoint = Checkpoint(**said)  # the oldest lines say no epoch: 0
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
    """Add a checkpoint of the newest committed seal, unless the file has it already.

    None is added while the log does not go on from the file's last: that a restore lost some of it
    is for `qa-api restored` to sign, which a person runs.
    """
    last = (await work.session.execute(_LAST)).one_or_none()
    newest = next(reversed(checkpoints.read()), None)
    if newest is not None:
        held = await work.session.scalar(_HASH, {"number": newest.number})
        if newest.number and held != newest.hash:
            log.error(
                "no checkpoint is written, seal %s is not in the log as it was: %s",
                newest.number,
                RESTORED_WITHOUT_CHECKPOINTS,
            )
            return
    if last is not None and (newest is None or newest.number < last.number):
        checkpoints.append(
            Checkpoint(last.number, str(last.id), last.hash, work.now.isoformat(), last.epoch)
        )


_LAST = text("""
SELECT seal.number, seal.hash, event.xid::text AS xid, event.id,
       coalesce((SELECT max(number) FROM epochs), 0) AS epoch
FROM event_seals seal JOIN events event ON event.id = seal.event_id
ORDER BY seal.number DESC LIMIT 1
""")

_HASH = text("SELECT hash FROM event_seals WHERE number = :number")

_UNSEALED = text(f"""
SELECT {EVENT_COLUMNS} FROM events event
WHERE (event.xid, event.id) > (
          CAST(:xid AS text)::xid8, coalesce(:id, '00000000-0000-0000-0000-000000000000'::uuid))
  AND event.xid < (SELECT stamp_of(pg_snapshot_xmin(pg_current_snapshot())))
ORDER BY event.xid, event.id
LIMIT :most
""")  # noqa: S608 - put together from constants of this file
