"""What the provider calls somebody stands on pages, where two people said which worker it is."""

import json
from uuid import uuid4

import pytest

from tests.api import Api
from tests.conftest import Database, execute
from tests.records.test_page import Tags
from tests.scim.provider import Provider, Staff

HTML = {"accept": "text/html"}


def look(api: Api, worker: str) -> tuple[str, str]:
    """The page and the JSON of the record of a child whose worker this is."""
    path = f"/v1/subjects/mosaic/C-{uuid4().hex[:8]}"
    body = {"kind": "child", "team": "lincoln-fast", "worker": worker}
    made = api.as_("qs-1").change("PUT", path, body)
    assert made.status_code in {200, 201}, made.text
    return (
        api.as_("qs-1").get(f"{path}/record", headers=HTML).text,
        api.as_("qs-1").get(f"{path}/record").text,
    )


@pytest.mark.long
def test_the_providers_name_stands_on_the_page_alone_until_one_is_imported(
    api: Api, provider: Provider, staff: Staff, provided: Database
) -> None:
    code, _, user = staff.worker()
    page, _ = look(api, code)
    assert f"The worker now: {code}." in page
    name = {"op": "replace", "path": "displayName", "value": "Zenobia <i>Canary</i>"}
    provider.patch(f"/Users/{user}", name)
    page, as_json = look(api, code)
    assert f"Zenobia &lt;i&gt;Canary&lt;/i&gt; ({code})" in page
    assert "i" not in {tag for tag, _ in Tags(page).found}
    assert "Zenobia" not in as_json
    execute(provided.migrate_url, f"INSERT INTO worker_names VALUES ('{code}', 'Yorick Canary')")
    page, _ = look(api, code)
    assert f"The worker now: Yorick Canary ({code})." in page


def test_whom_the_provider_removes_keeps_their_name_on_pages(
    api: Api, provider: Provider, staff: Staff
) -> None:
    code, _, user = staff.worker()
    provider.patch(
        f"/Users/{user}", {"op": "replace", "path": "displayName", "value": "Xanthe Canary"}
    )
    provider.told("DELETE", f"/Users/{user}", status=204)
    page, _ = look(api, code)
    assert f"The worker now: Xanthe Canary ({code})." in page


def test_somebody_who_is_no_worker_here_names_nobody(api: Api, provider: Provider) -> None:
    """The provider cannot say who a worker is: not by its name, not by a code as the subject."""
    code = "sw2-adoption"
    provider.user(f"{code}-elsewhere", displayName="Not This One")
    page, _ = look(api, code)
    assert "Not This One" not in page
    assert json.dumps(code)[1:-1] in page
