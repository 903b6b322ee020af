"""Records whose time comes: born long ago, listed, held, removed; texts that are hidden (X4)."""

from typing import Final

from tests.api import Json
from tests.year.steps.closing import SUBJECTS
from tests.year.turn import Turn

_OLD: Final = f"{SUBJECTS} AND born_on < '1950-01-01' ORDER BY id"
_HOLDS: Final = "SELECT id FROM legal_holds WHERE lifted_at IS NULL ORDER BY id"
_HIDDEN: Final = "SELECT id FROM redactions WHERE lifted_at IS NULL ORDER BY id"
_RATIONALES: Final = """
SELECT a.id, s.system, s.ref FROM audits a JOIN subjects s ON s.id = a.subject_id
WHERE a.overall_rationale IS NOT NULL AND a.completed_at IS NOT NULL
AND s.merged_into_id IS NULL AND NOT s.restricted AND s.ref NOT LIKE 'removed:%'
ORDER BY a.id DESC LIMIT 40
"""


def list_what_may_go(turn: Turn) -> None:
    """Quality & Standards list the records whose day has passed, of every class."""
    body: Json = {} if turn.chance(70) else {"as_at": turn.day(-10)}
    turn.create("qs-1", "/v1/retention-runs", body)


def hold(turn: Turn) -> None:
    """An inquiry asks for a record, for a class of them, or for all there is."""
    body: Json = {"reason": "The inquiry asks for it."}
    if turn.chance(80):
        child = turn.row(_OLD if turn.chance(50) else f"{SUBJECTS} ORDER BY id")
        body["subject"] = {"system": child["system"], "ref": child["ref"]}
    elif turn.chance(80):
        body["record_class"] = turn.one_of(("child_record", "access_log"))
    turn.create("qs-1", "/v1/legal-holds", body)


def lift(turn: Turn) -> None:
    """The inquiry has reported."""
    turn.act("qs-2", f"/v1/legal-holds/{turn.row(_HOLDS)['id']}/lift", {"reason": "Reported."})


def hide(turn: Turn) -> None:
    """A text of a record is hidden."""
    audit = turn.row(_RATIONALES)
    body = {"path": f"/audits/{audit['id']}/overall_rationale", "reason": "It names another child."}
    turn.create("qs-1", f"/v1/subjects/{audit['system']}/{audit['ref']}/redactions", body)
    record = turn.get("qs-2", f"/v1/subjects/{audit['system']}/{audit['ref']}/record")
    assert record["audits"]


def show_again(turn: Turn) -> None:
    """It is shown again."""
    turn.act("qs-1", f"/v1/redactions/{turn.row(_HIDDEN)['id']}/lift", {"reason": "A mistake."})


STEPS: Final = {
    "list what may go": (list_what_may_go, 2),
    "hold records": (hold, 2),
    "lift a hold": (lift, 2),
    "hide a text": (hide, 2),
    "show a text again": (show_again, 1),
}
