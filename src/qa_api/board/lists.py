"""The lists that the figures count, exactly as their own domains list them (R4.7.3).

A figure that had conditions of its own could say another number than its list shows, so nothing
here selects: each source is the domain's listing, its first lock and its filters.
"""

from collections.abc import Mapping
from typing import Final

from qa_api.actions.queries import ACTIONS
from qa_api.audits.queries import AUDITS
from qa_api.auth.roles import Permission
from qa_api.closures.queries import GATES
from qa_api.escalations.queries import ESCALATIONS
from qa_api.http.documents import Listing
from qa_api.responses.queries import RESPONSES
from qa_api.rules.metrics import Source

LISTINGS: Final[Mapping[Source, Listing]] = {
    Source.AUDITS: AUDITS,
    Source.RESPONSES: RESPONSES,
    Source.ACTIONS: ACTIONS,
    Source.ESCALATIONS: ESCALATIONS,
    Source.GATES: GATES,
}

READ_BY: Final[Mapping[Source, Permission]] = {
    Source.AUDITS: Permission.AUDIT_READ,
    Source.RESPONSES: Permission.RESPONSE_READ,
    Source.ACTIONS: Permission.ACTION_READ,
    Source.ESCALATIONS: Permission.ESCALATION_READ,
    Source.GATES: Permission.GATE_READ,
}
"""Who may not read the list gets no figure over it: a link that answers 403 proves nothing."""
