"""Everything that must hold, in the order in which it is asked."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from qa_api.checking.answers import Answer
from qa_api.checking.auditors import every_row_names_the_auditor_of_its_audit
from qa_api.checking.dates import every_date_is_the_rules
from qa_api.checking.draws import (
    every_caseload_is_as_it_was_taken,
    every_draw_comes_out_again,
)
from qa_api.checking.escalations import every_escalation_reached_somebody
from qa_api.checking.gates import every_gate_is_what_its_events_say
from qa_api.checking.lists import nothing_open_is_in_nobodys_list
from qa_api.checking.locks import every_lock_is_in_force
from qa_api.checking.overtaking import no_message_overtakes_another
from qa_api.checking.presented import every_presented_figure_is_what_was_counted
from qa_api.checking.removed import nothing_of_who_was_removed_is_left
from qa_api.checking.restriction import every_row_is_as_restricted_as_its_record
from qa_api.checking.rights import every_kept_right_is_what_roles_come_to
from qa_api.checking.showing import nothing_restricted_shows
from qa_api.work import Workshop

INVARIANTS: Final[Mapping[str, Callable[[Workshop], Awaitable[Answer]]]] = {
    "everything open is in somebody's list": nothing_open_is_in_nobodys_list,
    "every date is the one that the rules count": every_date_is_the_rules,
    "every gate is what its events say": every_gate_is_what_its_events_say,
    "every escalation reached somebody": every_escalation_reached_somebody,
    "every row is as restricted as its record": every_row_is_as_restricted_as_its_record,
    "nothing restricted shows": nothing_restricted_shows,
    "what is settled is locked": every_lock_is_in_force,
    "every draw comes out again": every_draw_comes_out_again,
    "every caseload is as it was taken": every_caseload_is_as_it_was_taken,
    "every presented figure is as it was counted": every_presented_figure_is_what_was_counted,
    "nothing is left of records whose time came": nothing_of_who_was_removed_is_left,
    "no message overtakes one of its case": no_message_overtakes_another,
    "every row names the auditor of its audit": every_row_names_the_auditor_of_its_audit,
    "every kept right is what roles come to": every_kept_right_is_what_roles_come_to,
}
