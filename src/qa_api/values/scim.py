"""The names of SCIM that more than one module needs (RFC 7644)."""

from typing import Final

BASE: Final = "/scim/v2"
MEDIA_TYPE: Final = "application/scim+json"
ERROR: Final = "urn:ietf:params:scim:api:messages:2.0:Error"
MOST_RESULTS: Final = 200
"""How many resources one page of a list holds."""
KEYWORD: Final = "scim_type"
"""The member of a problem that says which keyword it has in SCIM's own form."""
