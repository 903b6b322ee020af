"""A seal is of what comes next: who writes seals passes nothing over, and seals nothing to come.

What a seal says, its hash, is for whoever verifies the log; the database can not know it.
"""

from typing import Final

from qa_api.models.frozen.entries import Begun

_FINAL: Final = "(SELECT stamp_of(pg_snapshot_xmin(pg_current_snapshot())))"
"""No transaction from before this stamp can still commit."""

_LAST_EVENT: Final = (
    "(SELECT l.{column} FROM event_seals s JOIN events l ON l.id = s.event_id"
    " WHERE s.event_id IS NOT NULL ORDER BY s.number DESC LIMIT 1)"
)
_LAST_LINES: Final = "(SELECT p.{column} FROM access_seals p ORDER BY p.number DESC LIMIT 1)"
_NOBODY: Final = "'00000000-0000-0000-0000-000000000000'::uuid"

NEXT_EVENT: Final = f"""\
NEW.number = 1 + coalesce((SELECT max(s.number) FROM event_seals s), 0)
       AND (NEW.event_id IS NULL OR NEW.event_id = (
            SELECT e.id FROM events e
            WHERE (e.xid, e.id) > (coalesce({_LAST_EVENT.format(column="xid")}, '0'),
                                   coalesce({_LAST_EVENT.format(column="id")}, {_NOBODY}))
              AND e.xid < {_FINAL}
            ORDER BY e.xid, e.id LIMIT 1))"""  # noqa: S608 - put together from constants of this file
"""The number after the newest, and the event after the one that was sealed last."""

NEXT_LINES: Final = f"""\
NEW.number = (SELECT max(s.number) FROM event_seals s)
       AND EXISTS (SELECT FROM event_seals s WHERE s.number = NEW.number AND s.event_id IS NULL)
       AND NEW.last_xid < {_FINAL}
       AND EXISTS (SELECT FROM access_log l
                   WHERE l.id = NEW.last_id AND l.xid = NEW.last_xid AND l.at = NEW.last_at)
       AND NEW.lines = (
            SELECT count(*) FROM access_log l
            WHERE (l.xid, l.at, l.id) > (
                    coalesce({_LAST_LINES.format(column="last_xid")}, '0'),
                    coalesce({_LAST_LINES.format(column="last_at")}, '-infinity'),
                    coalesce({_LAST_LINES.format(column="last_id")}, {_NOBODY}))
              AND (l.xid, l.at, l.id) <= (NEW.last_xid, NEW.last_at, NEW.last_id))"""  # noqa: S608 - put together from constants of this file
"""Up to a line that there is, and as many as there are since the seal before."""

SEALS: Final = (
    Begun(
        "event_seals",
        "order",
        "a seal is the next, and of the event that comes next",
        not_as="NEW.number IS NOT NULL",
        witness=NEXT_EVENT,
    ),
    Begun(
        "access_seals",
        "lines",
        "a seal of lines is of all that came since the one before",
        not_as="NEW.number IS NOT NULL",
        witness=NEXT_LINES,
    ),
)
