"""What `scim2-tester` says of the service, over real HTTP (RFC 7643, RFC 7644)."""

from collections import Counter
from typing import Any

import httpx
import pytest
from scim2_client import BaseSyncSCIMClient
from scim2_tester import Status, check_server

from tests.api import WITHOUT_TLS
from tests.scim.provider import Provider

PASSED = {Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE, Status.SKIPPED}


class Client(BaseSyncSCIMClient):
    """The tester's client over a connection of ours."""

    def __init__(self, http: httpx.Client) -> None:
        super().__init__()
        self.http = http

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        return self.http.request(method, url, **options)

    def _parse_json(self, response: Any) -> Any:
        return response.json()

    def _stays_under_base_url(self, endpoint: str) -> bool:
        return endpoint.startswith("/") or not httpx.URL(endpoint).is_absolute_url


@pytest.mark.long
def test_the_tester_of_scim_finds_nothing(provider: Provider) -> None:
    token = provider.api.as_(provider.person).token()
    with httpx.Client(
        base_url=f"{provider.api.server.url}/scim/v2",
        headers={"authorization": f"Bearer {token}"},
        verify=WITHOUT_TLS,
        trust_env=False,
    ) as http:
        results = check_server(Client(http))
    failed = [
        f"{one.status.name} {one.resource_type} {one.title}: {one.reason} {one.data}"
        for one in results
        if one.status not in PASSED
    ]
    assert not failed, "\n".join(failed)
    counted = Counter(one.status for one in results)
    assert counted[Status.SUCCESS] >= 40, counted
    skipped = {one.title for one in results if one.status is Status.SKIPPED}
    assert skipped == {"search_with_attributes"}, skipped
