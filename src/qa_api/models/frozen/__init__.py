"""What never changes once it has come about, in one table; the database holds it, whoever writes.

A new or changed entry needs a migration with what `trigger_statements` says of it; a test holds the
database to this table.
"""

from typing import Final

from qa_api.models.frozen.audits import AUDITS
from qa_api.models.frozen.beginnings import BEGINNINGS
from qa_api.models.frozen.board import BOARD
from qa_api.models.frozen.calendar import CALENDAR
from qa_api.models.frozen.catalogue import CATALOGUE
from qa_api.models.frozen.closures import CLOSURES
from qa_api.models.frozen.comments import COMMENTS
from qa_api.models.frozen.due_audits import DUE_AUDITS
from qa_api.models.frozen.entries import FUNCTIONS, Begun, Closed, Frozen, trigger_statements
from qa_api.models.frozen.hand_overs import HAND_OVERS
from qa_api.models.frozen.keeping import KEEPING
from qa_api.models.frozen.moderation import MODERATION
from qa_api.models.frozen.moves import MOVES
from qa_api.models.frozen.observations import OBSERVATIONS
from qa_api.models.frozen.planning import PLANNING
from qa_api.models.frozen.policy import POLICY
from qa_api.models.frozen.practice_audits import PRACTICE_AUDITS
from qa_api.models.frozen.provisioning import PROVISIONING
from qa_api.models.frozen.reach import REACH
from qa_api.models.frozen.responses import RESPONSES
from qa_api.models.frozen.restrictions import RESTRICTIONS
from qa_api.models.frozen.seals import SEALS

__all__ = ["FROZEN", "FUNCTIONS", "Begun", "Closed", "Frozen", "trigger_statements"]

FROZEN: Final[tuple[Frozen | Begun | Closed, ...]] = (
    *AUDITS,
    *RESPONSES,
    *MODERATION,
    *CLOSURES,
    *COMMENTS,
    *RESTRICTIONS,
    *CATALOGUE,
    *PLANNING,
    *DUE_AUDITS,
    *BOARD,
    *OBSERVATIONS,
    *CALENDAR,
    *POLICY,
    *MOVES,
    *BEGINNINGS,
    *SEALS,
    *KEEPING,
    *REACH,
    *PROVISIONING,
    *HAND_OVERS,
    *PRACTICE_AUDITS,
)
