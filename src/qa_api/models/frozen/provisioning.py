"""Whose token somebody's account at the identity provider is, and what a group gives: it stands."""

from typing import Final

from qa_api.models.frozen.entries import Begun, Frozen

PROVISIONING: Final = (
    Frozen(
        "scim_users",
        "token",
        "issuer subject created_at",
        "whose token it is never changes",
    ),
    Frozen(
        "scim_users",
        "removal",
        "user_name external_id display_name named ended_at changed_at deleted_at",
        "what was removed stays as it was",
        since="OLD.deleted_at IS NOT NULL",
    ),
    Begun("scim_users", "removal", "somebody is there before they are removed", "deleted_at"),
    Frozen(
        "scim_groups",
        "issuer",
        "issuer created_at",
        "whose group it is never changes",
    ),
    Frozen(
        "scim_groups",
        "removal",
        "display_name external_id changed_at deleted_at",
        "what was removed stays as it was",
        since="OLD.deleted_at IS NOT NULL",
    ),
    Begun("scim_groups", "removal", "a group is there before it is removed", "deleted_at"),
    Frozen(
        "group_roles",
        "mapping",
        "group_id role scope service team",
        "what a group gives is proposed anew, never changed",
    ),
    Frozen(
        "group_roles",
        "end",
        "ended_at",
        "what has ended is proposed anew",
        since="OLD.ended_at IS NOT NULL",
    ),
    Begun("group_roles", "end", "a mapping is there before it ends", "ended_at"),
    Frozen(
        "role_assignments",
        "given_by",
        "group_role_id",
        "by whom a role was given never changes",
    ),
)
