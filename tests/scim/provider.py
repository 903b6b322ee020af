"""The identity provider and the staff that the tests of SCIM are about."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
import orjson

from tests.api import CONTRACT, Api, Json, Server, give_right

CORE = "urn:ietf:params:scim:schemas:core:2.0:"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


@cache
def described() -> Server:
    """What holds each answer against the contract of SCIM."""
    return Server("", orjson.loads(CONTRACT.with_name("scim.json").read_bytes()))


@dataclass
class Provider:
    """The identity provider, or somebody who passes themselves off as it."""

    api: Api
    person: str = "identity-provider"

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """One request; a body goes as SCIM's own media type. `held`: to the contract."""
        held = options.pop("held", True)
        token = self.api.as_(self.person).token()
        headers = {"authorization": f"Bearer {token}"}
        if body is not None:
            headers["content-type"] = "application/scim+json"
            options["content"] = (
                body
                if isinstance(body, bytes)
                else httpx.Request("POST", "http://x", json=body).content
            )
        headers |= options.pop("headers", {})
        answer = self.api.http.request(method, f"/scim/v2{path}", headers=headers, **options)
        if held and answer.status_code != 501:  # no part of the contract
            described().hold(answer)
        return answer

    def told(self, method: str, path: str, body: Any = None, status: int = 200) -> Json:
        """What is answered when all goes well."""
        answer = self.ask(method, path, body)
        assert answer.status_code == status, answer.text
        return dict(answer.json()) if answer.content else {}

    def user(self, subject: str, **said: Any) -> Json:
        """Somebody of whom it tells for the first time."""
        body = {"schemas": [f"{CORE}User"], "userName": f"{subject}@example.gov.uk"}
        return self.told("POST", "/Users", {**body, "externalId": subject, **said}, 201)

    def group(self, *members: str) -> Json:
        """A new group of these users."""
        body = {
            "schemas": [f"{CORE}Group"],
            "displayName": f"Group {uuid4().hex[:8]}",
            "members": [{"value": each} for each in members],
        }
        return self.told("POST", "/Groups", body, 201)

    def patch(self, path: str, *operations: Json) -> Json:
        """A resource with these operations applied."""
        return self.told("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})

    def join(self, group: str, user: str) -> None:
        """Somebody joins a group, as Entra ID says it."""
        value = [{"value": user}]
        self.patch(f"/Groups/{group}", {"op": "Add", "path": "members", "value": value})

    def leave(self, group: str, user: str) -> None:
        """Somebody leaves a group, as Entra ID says it."""
        value = [{"value": user}]
        self.patch(f"/Groups/{group}", {"op": "Remove", "path": "members", "value": value})


@dataclass
class Staff:
    """Workers of the directory with accounts of their own."""

    api: Api
    provider: Provider

    def worker(self) -> tuple[str, str, str]:
        """Somebody whom two people let in: their code, principal's id and id in SCIM."""
        code = f"sw-{uuid4().hex[:10]}"
        self.api.as_("admin-1").change("PUT", f"/v1/workers/{code}", {})
        named = {"issuer": self.api.issuer.settings.issuer, "subject": code, "worker": code}
        principal = give_right(self.api, principal=named)
        (found,) = self.provider.told("GET", f'/Users?filter=externalId eq "{code}"')["Resources"]
        return code, principal, str(found["id"])

    def give(self, group: str, role: str, **over: Any) -> str:
        """A mapping that two people make."""
        return give_right(self.api, group_role={"group_id": group, "role": role, **over})

    def roles(self, person: str) -> list[str]:
        """The roles that somebody holds today, as they are told; empty where they are shut out."""
        answer = self.api.as_(person).get("/v1/me")
        return sorted(answer.json()["roles"]) if answer.status_code == 200 else []
