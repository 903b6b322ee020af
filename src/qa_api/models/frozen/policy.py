"""How a version of the policy comes about: it is told, and says all that is different."""

from typing import Final

from qa_api.models.frozen.entries import Begun

_BEFORE: Final = (
    "(SELECT p.values FROM policy_versions p WHERE p.version < NEW.version"
    " AND p.effective_from <= NEW.effective_from"
    " ORDER BY p.effective_from DESC, p.version DESC LIMIT 1)"
)
_KEPT_AS_CHANGED: Final = (
    "EXISTS (SELECT FROM rights_changes c"  # noqa: S608 - put together from what stands here
    " WHERE qa_written_now(c.xid) AND c.what = 'policy'"
    " AND c.state IN ('done', 'confirmed')"
    " AND (c.becomes #>> '{policy,effective_from}')::date <= NEW.effective_from"
    f" AND NOT EXISTS (SELECT FROM jsonb_each({_BEFORE}) was"
    " WHERE NEW.values -> was.key IS DISTINCT FROM was.value"
    " AND NOT EXISTS (SELECT FROM jsonb_array_elements(c.becomes #> '{policy,changes}') said"
    " WHERE said ->> 'key' = was.key AND said -> 'value' = NEW.values -> was.key)))"
)
"""A change of rights that says all that is different from what that day had; it may be confirmed
later than its day, and carried on to what is scheduled.
"""
_POLICY_TOLD: Final = (
    "EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp())"
    " AND e.type = 'configuration.changed' AND e.data ->> 'what' = 'policy'"
    " AND e.data ->> 'code' = NEW.version::text"
    f" AND (e.principal_id IS NULL OR {_KEPT_AS_CHANGED}))"
)

POLICY: Final = (
    Begun(
        "policy_versions",
        "telling",
        "a change of the policy is told, and says all that is different",
        not_as="true",
        witness=_POLICY_TOLD,
        at_commit=True,
    ),
)
