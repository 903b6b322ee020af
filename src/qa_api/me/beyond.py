"""Which open things may fall to others than whoever is named, found by indexes.

Nearly all that is open waits for whoever is named for it, and there may be tens of thousands of it.
A list of what falls to a team or to Quality & Standards asks of a thing whether those nearer can do
it; these conditions go before that and leave few to be asked. They never leave out what does fall
to others.
"""

from typing import Any, Final

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid, any_, cast, func, select

from qa_api.auth.duty import able, first_leads
from qa_api.auth.roles import SCOPES_OF_ROLE, Permission, Role, roles_with

RESPONDERS: Final = sorted(roles_with(Permission.RESPONSE_SUBMIT))
DOERS: Final = sorted(roles_with(Permission.ACTION_COMPLETE))


def audit_beyond(audit: Any) -> ColumnElement[bool]:
    """An open audit that its auditor may not be able to carry out, or that nobody has taken on."""
    return _one_of(audit.id, func.qa_audits_beyond(_codes(able(Role.AUDITOR))))


def response_beyond(response: Any) -> ColumnElement[bool]:
    """A response to submit that whoever is to respond may not be able to give.

    Who can only in one team is asked about each.
    """
    anywhere = [role for role in RESPONDERS if "authority" in SCOPES_OF_ROLE[role]]
    return _one_of(response.id, func.qa_responses_beyond(_codes(able(*anywhere))))


def action_beyond(action: Any) -> ColumnElement[bool]:
    """An action to do that its owner, or whoever holds the case, may not be able to do."""
    return _one_of(action.id, func.qa_actions_beyond(_codes(able(*DOERS))))


def review_beyond(response: Any) -> ColumnElement[bool]:
    """A submitted response that whoever is asked first may not be the one to review."""
    first = first_leads()
    return _one_of(
        response.id,
        func.qa_reviews_beyond(_codes(select(first.c.team)), _codes(select(first.c.worker))),
    )


def _codes(found: Any) -> ColumnElement[Any]:
    return cast(func.array(found.scalar_subquery()), ARRAY(Text))


def _one_of(id_: Any, found: Any) -> ColumnElement[bool]:
    # In a statement of its own it is looked up once, and an array finds its rows by their ids.
    ids = cast(select(found).scalar_subquery(), ARRAY(Uuid))
    one_of: ColumnElement[bool] = id_ == any_(ids)
    return one_of
