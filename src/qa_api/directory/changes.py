"""Reading changes of people's rights: they name no subject, and whoever decides reads them all."""

from typing import Any

from sqlalchemy import ColumnElement, Uuid, and_, any_, not_, or_

from qa_api.auth.actor import Me
from qa_api.auth.duty import is_one_of
from qa_api.auth.reach import allowed_actions, another_person, person_behind
from qa_api.auth.roles import Role
from qa_api.directory.queries import visible_to
from qa_api.directory.rights_change_schemas import RightsChangeOut
from qa_api.models.access import RightsChange
from qa_api.reads.documents import Document
from qa_api.reads.filters import equals
from qa_api.reads.listings import Filter, Listing
from qa_api.reads.shapes import Shape
from qa_api.rules.policy_values import RightsConfirmer


def _may_confirm(row: Any, me: Me) -> ColumnElement[bool]:
    """A second person in a role that the policy names, whose own rights it does not change."""
    asked = or_(
        and_(row.confirmer != RightsConfirmer.QUALITY_STANDARDS, me.holds(Role.ADMINISTRATOR)),
        and_(row.confirmer != RightsConfirmer.ADMINISTRATOR, me.holds(Role.QUALITY_STANDARDS)),
    )
    return and_(asked, another_person(row.proposed_by, me), not_(is_one_of(me.worker, row.workers)))


_CHANGE = Shape(
    RightsChangeOut,
    RightsChange,
    {
        "proposed_by": lambda row, _: person_behind(row.proposed_by),
        "decided_by": lambda row, _: person_behind(row.decided_by),
        "allowed_actions": lambda row, me: allowed_actions(
            row, me.roles, {"confirm": _may_confirm(row, me)}
        ),
    },
)
CHANGE = Document(_CHANGE, visible=visible_to)
CHANGES = Listing(
    "rights-changes",
    _CHANGE,
    visible_to,
    {
        "state": equals("state"),
        "worker": Filter(lambda row, value, _: value == any_(row.workers)),
        "principal": equals("target_id", Uuid()),
    },
)
"""Newest first."""
