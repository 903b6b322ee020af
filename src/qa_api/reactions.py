"""What other domains do about an event, inside the same transaction, in this order."""

from qa_api import events
from qa_api.actions import service as actions
from qa_api.board import update_dates
from qa_api.case_events import record_facts, stand_ins
from qa_api.closure_gates import deciding_again
from qa_api.closure_gates import service as closure_gates
from qa_api.due_audits import schedule
from qa_api.escalations import raising as escalation_raising
from qa_api.escalations import service as escalations
from qa_api.notifications import service as notifications
from qa_api.observations import highlight_dates
from qa_api.responses import clocks
from qa_api.responses import service as responses
from qa_api.subjects import service as subjects
from qa_api.work import Reactions

REACTIONS: Reactions = {
    # What is urgent first. The response is there before the notification that starts its clock;
    # a gate is decided when everything about the audit is on record.
    events.UrgentFindingRaised: (escalation_raising.raise_urgent_finding,),
    events.AuditPlanned: (schedule.take_up_due_date,),
    events.AuditCompleted: (
        actions.set_actions,
        escalation_raising.raise_inadequate_judgement,
        responses.await_response,
        notifications.queue_notification,
        closure_gates.reassess_gates,
        schedule.settle_due_date,
    ),
    # The same again for what an amendment brought; it closes at once where nothing is left to do.
    events.AuditAmended: (
        actions.set_actions,
        escalation_raising.raise_inadequate_judgement,
        responses.await_response,
        notifications.queue_notification_of_first_actions,
        closure_gates.reassess_gates,
        responses.close_settled_audit,
    ),
    events.AuditCancelled: (closure_gates.reassess_gates, schedule.settle_due_date),
    events.AuditRecordedInError: (
        escalations.end_those_of_error,
        notifications.take_back_those_of_error,
        closure_gates.reassess_gates,
        schedule.owe_again,
    ),
    events.GateChanged: (escalations.end_those_of_closing,),
    events.ClosedWithoutAudit: (escalation_raising.raise_closure_without_audit,),
    events.EscalationRaised: (closure_gates.reassess_gates_for_finding,),
    events.AllocationChanged: (
        escalation_raising.readdress,
        notifications.send_to_newly_known,
        responses.follow_allocation,
    ),
    events.PanelDateSet: (schedule.follow_panel_date,),
    events.SubjectMerged: (schedule.follow_merge, stand_ins.follow_merge),
    events.RecordRestricted: (stand_ins.follow_release,),
    # Each of these may be the last thing that an audit waited for.
    events.WorkerNotified: (clocks.start_clock, responses.close_settled_audit),
    events.ResponseAccepted: (responses.close_settled_audit,),
    events.ActionDone: (closure_gates.reassess_gates,),
    events.ActionNotAchieved: (closure_gates.reassess_gates,),
    events.ActionVerified: (responses.close_settled_audit, closure_gates.reassess_gates),
    events.ActionCancelled: (responses.close_settled_audit, closure_gates.reassess_gates),
    events.EscalationResolved: (responses.close_settled_audit, closure_gates.reassess_gates),
    events.DeliverySettled: (notifications.give_up_skipped,),
    events.CalendarChanged: (
        clocks.count_clocks_again,
        escalations.count_deadlines_again,
        notifications.count_queues_again,
        highlight_dates.count_highlights_again,
        update_dates.count_updates_again,
    ),
    # A code may have been waited for, and a reference may have been another's.
    events.ConfigurationChanged: (
        subjects.hand_over_to_the_newly_known,
        deciding_again.follow_audit_types,
    ),
    events.ReferencesChanged: (record_facts.follow_references,),
}
