"""Board reports: drafted, presented, told again after corrections, decided upon (§4.7)."""

from typing import Final

from qa_api.rules.local_time import FinancialQuarter
from tests.api import Json
from tests.year.turn import Turn

_DRAFTS: Final = "SELECT id FROM board_reports WHERE state = 'draft' ORDER BY id"
_PRESENTED: Final = (
    "SELECT id, quarter FROM board_reports WHERE state = 'presented' ORDER BY id DESC LIMIT 6"
)
_SUBMITTED: Final = "SELECT id FROM qa_updates WHERE state = 'submitted' ORDER BY id"
_RECEIPTS: Final = (
    "SELECT report_id AS id, recipient FROM board_receipts WHERE received_at IS NULL ORDER BY 1, 2"
)


def report(turn: Turn) -> None:
    """The report of the quarter that is over, or a later version of an older one."""
    quarter = FinancialQuarter.of(turn.today).previous
    if turn.chance(25):
        quarter = quarter.previous
    body: Json = {"quarter": quarter.label, "title": f"Quality assurance, {quarter.label}"}
    made = turn.create("qs-1", "/v1/board-reports", body)
    path = f"/v1/board-reports/{made['id']}"
    if turn.chance(20):
        turn.put("qs-1", path, {"title": "Quality assurance", "summary": "Families were heard."})
    if turn.chance(85):
        turn.act("qs-1", f"{path}/present")


def present(turn: Turn) -> None:
    """A draft that was left lying is presented."""
    turn.act("qs-2", f"/v1/board-reports/{turn.row(_DRAFTS)['id']}/present")


def decide(turn: Turn) -> None:
    """The Board decides, and the report is sent to people."""
    path = f"/v1/board-reports/{turn.row(_PRESENTED)['id']}"
    owner = turn.one_of(("hos-fast", "qs-2", "slt-1"))
    body = {"decision": "More visits.", "owner": owner, "due_on": turn.day(30)}
    turn.act("qs-1", f"{path}/decisions", body)
    turn.act("qs-1", f"{path}/disseminate", {"recipients": [owner]})


def receive(turn: Turn) -> None:
    """Somebody says that they have the report."""
    receipt = turn.row(_RECEIPTS)
    turn.act(receipt["recipient"], f"/v1/board-reports/{receipt['id']}/receipts")


def return_update(turn: Turn) -> None:
    """An update of a service goes back."""
    path = f"/v1/qa-updates/{turn.row(_SUBMITTED)['id']}/return"
    turn.act("qs-1", path, {"reasons": "Say what changed for children."})


STEPS: Final = {
    "report to the Board": (report, 2),
    "present a draft": (present, 1),
    "the Board decides": (decide, 1),
    "somebody has the report": (receive, 1),
    "return an update": (return_update, 1),
}
