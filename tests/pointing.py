"""Whether a problem's pointers lead to a place in the body that was sent."""

from typing import Any

OF_WHAT_IS_INCOMPLETE = frozenset(
    {"accept_hand_over", "amend_audit", "complete_audit", "publish_audit_tool"}
)
"""Steps that are refused for what their resource lacks. Nothing of that is in their body, so their
pointers are addresses below the resource: `/answers/handover` of an audit."""


def leads_nowhere(pointer: str, body: Any) -> bool:
    """Whether a JSON pointer names no place of the body.

    A field that was left out is a place of the object that lacks it; nothing else may be absent.
    """
    if not pointer:
        return False
    *above, last = (
        part.replace("~1", "/").replace("~0", "~") for part in pointer.removeprefix("/").split("/")
    )
    for part in above:
        if isinstance(body, dict) and part in body:
            body = body[part]
        elif isinstance(body, list) and part.isdigit() and int(part) < len(body):
            body = body[int(part)]
        else:
            return True
    if isinstance(body, list):
        return not (last.isdigit() and int(last) < len(body))
    return not isinstance(body, dict)
