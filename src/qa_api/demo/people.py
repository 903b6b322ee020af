"""Who can be signed for in an authority that ships with the service.

Read as it is written: the folder is ours and its form has tests, so a command that only wants a
token loads no schemas for it.
"""

import json

from qa_api.auth.roles import Role
from qa_api.data import DEFAULT_AUTHORITY, shipped_authorities


def demo_principals(code: str = DEFAULT_AUTHORITY) -> dict[Role, str]:
    """The people of the demo authority who stand for each role when a token is asked for.

    It is the first in the authority's directory who holds the role. Raises KeyError where there
    is no such authority.
    """
    directory = json.loads((shipped_authorities()[code] / "directory.json").read_bytes())
    found: dict[Role, str] = {}
    for person in directory["principals"]:
        for held in person.get("roles", ()):
            found.setdefault(Role(held["role"]), person["subject"])
    return found
