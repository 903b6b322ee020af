"""The receiver of webhooks hangs, fails, refuses and comes back; what it missed is sent again."""

from typing import Final

from tests.year.duties import Answering
from tests.year.turn import Turn

_ENDPOINT: Final = "SELECT id FROM webhook_endpoints WHERE deleted_at IS NULL ORDER BY id"
_PARKED: Final = (
    "SELECT id FROM deliveries WHERE state IN ('parked', 'refused') AND replayed_as IS NULL"
    " AND lane <> 'test' ORDER BY id"
)


def hang(turn: Turn) -> None:
    """It takes no message any more, in one of several ways."""
    ways = (Answering.HUNG, Answering.HUNG, Answering.FAILING, Answering.REFUSING, Answering.GONE)
    turn.place.receiver.answering = turn.one_of(ways)


def come_back(turn: Turn) -> None:
    """It answers again; somebody has what waits sent at once."""
    turn.place.receiver.answering = Answering.TAKING
    if turn.chance(60):
        path = f"/v1/webhook-endpoints/{turn.row(_ENDPOINT)['id']}"
        turn.act("admin-1", f"{path}/resume")


def send_again(turn: Turn) -> None:
    """What was set aside or refused is sent once more, or all of some days."""
    if turn.chance(60):
        path = f"/v1/webhook-deliveries/{turn.row(_PARKED)['id']}/replay"
        turn.ask("admin-1", "POST", path, {}, {"idempotency-key": f"again-{turn.step.number}"})
        return
    path = f"/v1/webhook-endpoints/{turn.row(_ENDPOINT)['id']}/replay"
    turn.ask("admin-1", "POST", path, {"since": turn.instant(days=-3)})


STEPS: Final = {
    "a receiver hangs": (hang, 2),
    "a receiver comes back": (come_back, 5),
    "messages are sent again": (send_again, 2),
}
