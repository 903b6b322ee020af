"""What other domains do about an event, inside the same transaction, in this order."""

from qa_api import events
from qa_api.actions import service as actions
from qa_api.notifications import service as notifications
from qa_api.responses import clocks
from qa_api.responses import service as responses
from qa_api.subjects import service as subjects
from qa_api.work import Reactions

REACTIONS: Reactions = {
    # The response is there before the notification that starts its clock.
    events.AuditCompleted: (
        actions.set_actions,
        responses.await_response,
        notifications.queue_notification,
    ),
    # Each of these may be the last thing that an audit waited for.
    events.WorkerNotified: (clocks.start_clock, responses.close_settled_audit),
    events.ResponseAccepted: (responses.close_settled_audit,),
    events.ActionVerified: (responses.close_settled_audit,),
    events.ActionCancelled: (responses.close_settled_audit,),
    events.EscalationResolved: (responses.close_settled_audit,),
    events.CalendarChanged: (clocks.lengthen_open_clocks,),
    # A code may have been waited for.
    events.ConfigurationChanged: (subjects.hand_over_to_the_newly_known,),
}
