"""Nothing an administrator does alone changes whom somebody reaches and is heard of by nobody (X3).

Every operation of the contract that an administrator may ask for is done here, or changes neither
whom somebody reaches nor who is told. What is told waits in the list of Quality & Standards.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.auth.matrix.of_administrators import OF_ADMINISTRATORS, Reaches
from qa_api.auth.roles import Permission, Role, roles_with
from tests.api import Api, Json, contract, give_right, serving
from tests.catalogue.test_catalogue import AUDIT_TYPE, TOOL
from tests.closures.sending import PROPOSED, Episode
from tests.conftest import Clone, Database, execute, settings_for
from tests.rules.test_bank_holidays import IN_2029, official_file
from tests.scim.provider import Provider

NOW: Final = "2026-11-23T09:30:00Z"
SINCE: Final = "2026-01-01"
CHANGES: Final = "/v1/rights-changes"
URL: Final = "http://127.0.0.1:9/hook"


@pytest.fixture(scope="module")
def database(clone_of_authority: Clone) -> Database:
    """Of an authority whose calendar and policy are changed here."""
    return clone_of_authority()


@pytest.fixture(scope="module")
def authority_of_its_own(database: Database, issuer: DevelopmentIssuer) -> Iterator[Api]:
    with serving(settings_for(database, issuer)) as server, Api(server, issuer, "admin-1") as api:
        yield api


@pytest.fixture
def admin(authority_of_its_own: Api, at: Callable[[str], None]) -> Api:
    at(NOW)
    return authority_of_its_own


def good(answer: httpx.Response) -> Json:
    assert answer.status_code in {200, 201}, answer.text
    return dict(answer.json())


def code_of(prefix: str) -> str:
    return f"{prefix}-{uuid4().hex[:10]}"


def told(api: Api, person: str = "qs-1") -> dict[str, Json]:
    """What Quality & Standards have not noted yet of what changed whom somebody reaches."""
    seen = api.as_(person)
    waits = [item["path"] for item in seen.work() if item["told"] == "rights_changed"]
    return {path: good(seen.get(path)) for path in waits}


# --- each operation, as an administrator does it by themselves ---


def entry(admin: Api, path: str, **changes: Any) -> Json:
    """An entry of the directory as it is, with some of it changed."""
    as_it_is = good(admin.get(path))
    put = {name: as_it_is[name] for name in as_it_is if name not in {"code", "version"}}
    return good(admin.change("PUT", path, put | changes))


def new_worker(admin: Api, **given: Any) -> str:
    code = code_of("sw")
    good(admin.change("PUT", f"/v1/workers/{code}", given))
    return code


def new_team(admin: Api, **given: Any) -> str:
    code = code_of("team")
    good(admin.change("PUT", f"/v1/teams/{code}", {"name": "A team", **given}))
    return code


def a_right(admin: Api, **role: Any) -> tuple[str, Json]:
    worker = new_worker(admin)
    token = {"issuer": admin.issuer.settings.issuer, "subject": worker, "worker": worker}
    principal = give_right(admin, principal=token)
    return principal, {"principal_id": principal, "role": "worker", "from": SINCE, **role}


def propose(admin: Api) -> None:
    _, role = a_right(admin)
    good(admin.create(CHANGES, {"role_assignment": role, "reason": "Agreed."}))


def confirm(admin: Api) -> None:
    give_right(admin, role_assignment=a_right(admin)[1])


def disable(admin: Api) -> None:
    good(admin.act(f"/v1/principals/{a_right(admin)[0]}/disable"))


def end_role(admin: Api) -> None:
    held = give_right(admin, role_assignment=a_right(admin)[1])
    good(admin.act(f"/v1/role-assignments/{held}/end"))


def policy(admin: Api) -> None:
    changes = [{"key": "response_working_days", "value": 6}]
    body = {"effective_from": NOW[:10], "reason": "Decided.", "changes": changes}
    good(admin.create("/v1/policies", body))


def service(admin: Api) -> None:
    heads = [{"worker": new_worker(admin), "from": SINCE}]
    path = f"/v1/services/{code_of('svc')}"
    good(admin.change("PUT", path, {"name": "A service", "heads": heads}))


def team(admin: Api) -> None:
    code = new_team(admin, services=[{"service": "fast", "from": SINCE}])
    other = [{"service": "corporate-parenting", "from": SINCE}]
    entry(admin, f"/v1/teams/{code}", services=other)


def worker(admin: Api) -> None:
    code = new_worker(admin, teams=[{"team": "cwd", "from": SINCE}])
    entry(admin, f"/v1/workers/{code}", teams=[{"team": "lincoln-fast", "from": SINCE}])


def group(admin: Api) -> None:
    teams = [{"team": new_team(admin), "from": SINCE}]
    path = f"/v1/auditor-groups/{code_of('grp')}"
    good(admin.change("PUT", path, {"name": "A group", "teams": teams}))


def case_system(admin: Api) -> None:
    code = code_of("cs")
    good(admin.change("PUT", f"/v1/case-systems/{code}", {"source": f"urn:{code}", "name": "One"}))


def claim(admin: Api) -> None:
    episode = Episode(admin, [f"C-{uuid4().hex[:12]}"])
    episode.worker = f"SmithJ-{uuid4().hex[:8]}"
    episode.tell(PROPOSED)
    row = unclaimed(admin, episode.worker)
    path = f"/v1/case-system-references/{row['id']}/claim"
    good(admin.act(path, {"code": new_worker(admin)}))


def unclaimed(admin: Api, reference: str) -> Json:
    listed = "/v1/case-system-references?claimed=false&limit=500"
    rows = good(admin.get(listed))["items"]
    return next(dict(row) for row in rows if row["reference"] == reference)


def audit_type(admin: Api) -> None:
    good(admin.change("PUT", f"/v1/audit-types/{code_of('type')}", AUDIT_TYPE))


def tool(admin: Api) -> Json:
    made = good(admin.create("/v1/audit-tools", {"code": code_of("tool"), **TOOL}))
    return good(admin.act(f"/v1/audit-tools/{made['id']}/publish"))


def retired(admin: Api) -> None:
    good(admin.act(f"/v1/audit-tools/{tool(admin)['id']}/retire"))


def year(admin: Api) -> None:
    days = [{"date": str(day), "title": title} for day, title in IN_2029.items()]
    body = {"year": 2029, "reason": "Published.", "bank_holidays": days}
    good(admin.create("/v1/working-calendar/years", body))


def imported(admin: Api) -> None:
    jubilee = {date(2028, 6, 5): "Jubilee"}
    body = {"file": official_file(later=jubilee), "reason": "Published."}
    good(admin.create("/v1/working-calendar/imports", body))


def holiday(admin: Api, day: str = "2027-06-07") -> None:
    body = {"date": day, "title": "Thanksgiving", "reason": "Proclaimed."}
    good(admin.create("/v1/bank-holidays", body))


def withdrawn(admin: Api) -> None:
    holiday(admin, "2027-06-09")
    good(admin.act("/v1/bank-holidays/2027-06-09/withdraw", {"reason": "Moved."}))


def endpoint(admin: Api) -> str:
    wanted = {"system": "mosaic", "url": URL, "event_types": ["closure_gate.changed"]}
    return f"/v1/webhook-endpoints/{good(admin.create('/v1/webhook-endpoints', wanted))['id']}"


def changed_endpoint(admin: Api) -> None:
    good(admin.change("PATCH", endpoint(admin), {"url": f"{URL}/other"}))


def rotated(admin: Api) -> None:
    good(admin.act(f"{endpoint(admin)}/rotate-secret"))


def disabled_endpoint(admin: Api) -> str:
    path = endpoint(admin)
    good(admin.act(f"{path}/disable"))
    return path


def resumed(admin: Api) -> None:
    good(admin.act(f"{disabled_endpoint(admin)}/resume"))


def deleted_endpoint(admin: Api) -> None:
    good(admin.remove(endpoint(admin)))


def skipped(admin: Api) -> None:
    sent = good(admin.create(f"{endpoint(admin)}/test", {}))
    good(admin.act(f"/v1/webhook-deliveries/{sent['id']}/skip"))


def group_role(admin: Api) -> None:
    group = Provider(admin).group()["id"]
    mapping = give_right(admin, group_role={"group_id": group, "role": "auditor"})
    good(admin.act(f"/v1/group-roles/{mapping}/end"))


DOES: Final[dict[str, tuple[str, Callable[[Api], Any]]]] = {
    "propose_rights_change": ("role_assignment", propose),
    "confirm_rights_change": ("role_assignment", confirm),
    "disable_principal": ("principal", disable),
    "end_role_assignment": ("role_assignment", end_role),
    "end_group_role": ("group_role", group_role),
    "change_policy": ("policy", policy),
    "put_service": ("service", service),
    "put_team": ("team", team),
    "put_worker": ("worker", worker),
    "put_auditor_group": ("auditor_group", group),
    "put_case_system": ("case_system", case_system),
    "claim_case_system_reference": ("worker", claim),
    "put_audit_type": ("audit_type", audit_type),
    "publish_audit_tool": ("audit_tool", tool),
    "retire_audit_tool": ("audit_tool", retired),
    "confirm_calendar_year": ("working_calendar", year),
    "import_bank_holidays": ("working_calendar", imported),
    "add_bank_holiday": ("working_calendar", holiday),
    "withdraw_bank_holiday": ("working_calendar", withdrawn),
    "register_webhook_endpoint": ("webhook_endpoint", endpoint),
    "change_webhook_endpoint": ("webhook_endpoint", changed_endpoint),
    "rotate_webhook_secret": ("webhook_endpoint", rotated),
    "disable_webhook_endpoint": ("webhook_endpoint", disabled_endpoint),
    "resume_webhook_endpoint": ("webhook_endpoint", resumed),
    "delete_webhook_endpoint": ("webhook_endpoint", deleted_endpoint),
    "skip_webhook_delivery": ("webhook_delivery", skipped),
}
"""What is changed, and how; the operation itself comes last, so that it is the newest."""


def operations() -> Iterator[str]:
    """Every operation by which an administrator may change something."""
    for item in contract()["paths"].values():
        for method, operation in item.items():
            permission = operation.get("x-permission") if isinstance(operation, dict) else None
            if method == "get" or permission is None:
                continue
            if Role.ADMINISTRATOR in roles_with(Permission(permission)):
                yield operation["operationId"]


def test_every_operation_of_an_administrator_is_confirmed_or_told_or_reaches_nobody() -> None:
    assert set(operations()) == set(OF_ADMINISTRATORS)
    reaching = [name for name, (how, _) in OF_ADMINISTRATORS.items() if how != Reaches.NOBODY]
    assert set(reaching) == set(DOES)
    assert all(why for _, why in OF_ADMINISTRATORS.values())


STATES: Final = {
    "propose_rights_change": "proposed",
    "confirm_rights_change": "confirmed",
    "disable_principal": "ended",
    "end_role_assignment": "ended",
    "end_group_role": "ended",
}
"""Where a change of rights stands after it; everything else is done."""


@pytest.mark.long
@pytest.mark.parametrize("operation", [name for name in operations() if name in DOES])
def test_what_changes_whom_somebody_reaches_waits_or_is_told(admin: Api, operation: str) -> None:
    what, does = DOES[operation]
    state = STATES.get(operation, "done")
    before, waited = told(admin), proposed(admin)
    does(admin)
    new = {path: change for path, change in told(admin).items() if path not in before}
    if OF_ADMINISTRATORS[operation][0] == Reaches.CONFIRMED:
        waits = [change for id_, change in proposed(admin).items() if id_ not in waited]
        assert [change["what"] for change in waits] == [what]
        assert not [change for change in new.values() if change["what"] == what]
        return
    (change, *_) = (one for one in new.values() if (one["what"], one["state"]) == (what, state))
    assert change["proposed_by"] == "admin-1"
    assert change["was"] != change["becomes"]
    seen = [item["about"] for item in admin.as_("qs-1").work() if item["path"] in new]
    noted = admin.as_("qs-1").post("/v1/me/alerts/seen", {"alerts": seen})
    assert noted.status_code in {200, 204}, noted.text
    assert not new.keys() & told(admin).keys(), "until somebody takes note"


def proposed(admin: Api) -> dict[str, Json]:
    rows = good(admin.get(f"{CHANGES}?state=proposed&limit=500"))["items"]
    return {row["id"]: row for row in rows}


# --- never one's own, in any guise ---


@pytest.fixture
def leading(admin: Api, database: Database) -> Iterator[tuple[Api, str, str, str]]:
    """An administrator who leads a team: them, their code, the team, and a service they head."""
    code, team = new_worker(admin), ""
    team = new_team(admin, managers=[{"worker": code, "from": SINCE}])
    head = [{"worker": code, "from": SINCE}]
    service = code_of("svc")
    good(admin.change("PUT", f"/v1/services/{service}", {"name": "Theirs", "heads": head}))
    token = {"issuer": admin.issuer.settings.issuer, "subject": code, "worker": code}
    principal = give_right(admin, principal=token)
    role = {"principal_id": principal, "role": "administrator", "from": SINCE}
    give_right(admin, role_assignment=role)
    yield admin.as_(code), code, team, service
    execute(
        database.migrate_url, f"UPDATE principals SET disabled_at = now() WHERE id = '{principal}'"
    )


def own(answer: httpx.Response) -> bool:
    said = answer.json()
    return (answer.status_code, said.get("clause")) == (422, "X3") and "themselves" in said[
        "detail"
    ]


def put(by: Api, path: str, **changes: Any) -> httpx.Response:
    now = by.get(path)
    as_it_is = now.json() if now.status_code == 200 else {"name": "New"}
    kept = {name: as_it_is[name] for name in as_it_is if name not in {"code", "version"}}
    return by.change("PUT", path, kept | changes)


@pytest.mark.long
def test_nobody_changes_whom_they_reach_themselves(
    admin: Api, leading: tuple[Api, str, str, str]
) -> None:
    me, code, team, service = leading
    at = {"from": SINCE}
    theirs, colleague, head = new_team(admin), new_worker(admin), new_worker(admin)
    under = new_team(admin, services=[{"service": service, **at}])
    into = [{"team": theirs, **at}]
    attempts: list[tuple[str, Json]] = [
        (f"/v1/workers/{code}", {"teams": into}),
        (f"/v1/workers/{code}", {"supervisors": [{"worker": colleague, **at}]}),
        (f"/v1/workers/{code}", {"leaves_on": "2030-01-01"}),
        (f"/v1/workers/{code}", {"references": [{"system": "mosaic", "reference": code_of("me")}]}),
        (f"/v1/workers/{code}", {"observations_required": 0}),
        (f"/v1/workers/{colleague}", {"references": [{"system": "mosaic", "reference": code}]}),
        (f"/v1/workers/{colleague}", {"supervisors": [{"worker": code, **at}]}),
        (f"/v1/workers/{colleague}", {"teams": [{"team": team, **at}]}),
        (f"/v1/teams/{team}", {"services": [{"service": "fast", **at}]}),
        (f"/v1/teams/{team}", {"deputies": [{"worker": colleague, **at}]}),
        (f"/v1/teams/{team}", {"managers": []}),
        (f"/v1/teams/{team}", {"references": [{"system": "mosaic", "reference": code_of("t")}]}),
        (f"/v1/teams/{theirs}", {"references": [{"system": "mosaic", "reference": team}]}),
        (f"/v1/teams/{under}", {"references": [{"system": "mosaic", "reference": code_of("u")}]}),
        (f"/v1/teams/{theirs}", {"managers": [{"worker": code, **at}]}),
        (f"/v1/teams/{theirs}", {"deputies": [{"worker": code, **at}]}),
        (f"/v1/teams/{theirs}", {"services": [{"service": service, **at}]}),
        (f"/v1/teams/{code_of('new')}", {"managers": [{"worker": code, **at}]}),
        (f"/v1/services/{service}", {"heads": [{"worker": head, **at}]}),
        ("/v1/services/fast", {"heads": [{"worker": code, **at}]}),
        (f"/v1/auditor-groups/{code_of('grp')}", {"teams": [{"team": team, **at}]}),
    ]
    for path, changes in attempts:
        before = me.get(path).headers.get("etag")
        assert own(put(me, path, **changes)), (path, changes)
        assert me.get(path).headers.get("etag") == before
    # What reaches nobody is theirs to change, and another administrator changes the rest.
    good(put(me, f"/v1/teams/{team}", name="A better name", locality="Boston"))
    good(put(admin, f"/v1/teams/{team}", services=[{"service": "fast", **at}]))
    good(put(me, f"/v1/workers/{colleague}", teams=into))


@pytest.mark.long
def test_a_code_that_another_is_called_by_is_not_given_back_by_whose_code_it_is(
    admin: Api, leading: tuple[Api, str, str, str]
) -> None:
    """What nobody has claimed is for whoever has it as their code: so would their cases be."""
    me, code, team, _ = leading
    other, theirs = new_worker(admin), new_team(admin)
    for path, mine in ((f"/v1/workers/{other}", code), (f"/v1/teams/{theirs}", team)):
        good(put(admin, path, references=[{"system": "mosaic", "reference": mine.upper()}]))
        assert own(put(me, path, references=[]))
        good(put(admin, path, references=[]))
    of_other = [
        change
        for change in told(admin).values()
        if change["becomes"]["reach"] and change["becomes"]["reach"]["code"] == other
    ]
    assert of_other
    assert all(code in change["workers"] for change in of_other), "told of whose cases it changes"


@pytest.mark.long
def test_that_somebody_is_observed_less_often_is_told(admin: Api) -> None:
    worker = new_worker(admin)
    good(put(admin, f"/v1/workers/{worker}", observations_required=0))
    (change,) = [one for one in told(admin).values() if one["workers"] == [worker]]
    (relation,) = change["becomes"]["reach"]["relations"]
    assert (relation["relation"], relation["value"]) == ("observations_required", "0")


def test_nobody_claims_the_cases_that_wait_for_themselves(
    admin: Api, leading: tuple[Api, str, str, str]
) -> None:
    me, code, team, _ = leading
    for kind, mine in (("worker", code), ("team", team)):
        episode = Episode(admin, [f"C-{uuid4().hex[:12]}"])
        reference = f"theirs-{uuid4().hex[:8]}"
        setattr(episode, kind, reference)
        episode.tell(PROPOSED)
        path = f"/v1/case-system-references/{unclaimed(admin, reference)['id']}"
        assert own(me.act(f"{path}/claim", {"code": mine}))
        assert good(me.get(path))[kind] is None


def test_who_stands_above_or_below_is_not_sent_away_by_who_acts_for_them(
    admin: Api, leading: tuple[Api, str, str, str]
) -> None:
    me, code, _, service = leading
    manager = new_worker(admin)
    under = new_team(
        admin,
        managers=[{"worker": manager, "from": SINCE}],
        services=[{"service": service, "from": SINCE}],
    )
    away = [{"reason_code": "parental", "from": "2026-11-01"}]
    assert own(put(me, f"/v1/workers/{manager}", absences=away)), "the head acts for them"
    assert own(put(me, f"/v1/workers/{manager}", leaves_on="2026-11-01"))
    deputised = new_team(
        admin,
        managers=[{"worker": (other := new_worker(admin)), "from": SINCE}],
        deputies=[{"worker": code, "from": SINCE}],
    )
    assert own(put(me, f"/v1/workers/{other}", absences=away)), "the deputy acts for them"
    good(put(me, f"/v1/workers/{new_worker(admin)}", absences=away))
    assert {under, deputised}


def test_an_account_of_nobody_changes_nobodys_reach(
    admin: Api, database: Database, new_ref: Callable[[], str]
) -> None:
    id_, subject = str(uuid4()), code_of("nobody")
    issuer = admin.issuer.settings.issuer
    execute(
        database.migrate_url,
        "INSERT INTO principals (id, issuer, subject, version)"
        f" VALUES ('{id_}', '{issuer}', '{subject}', 1);"
        "INSERT INTO role_assignments (id, principal_id, role, scope, valid, version) VALUES"
        f" ('{uuid4()}', '{id_}', 'administrator', 'authority', '[2026-01-01,)', 1);",
    )
    nobody = admin.as_(subject)
    colleague = new_worker(admin)
    answer = put(nobody, f"/v1/workers/{colleague}", teams=[{"team": "cwd", "from": SINCE}])
    assert answer.status_code == 403
    good(nobody.change("PUT", f"/v1/teams/{code_of('team')}", {"name": "Of nobody yet"}))
    execute(database.migrate_url, f"UPDATE principals SET disabled_at = now() WHERE id = '{id_}'")


@pytest.mark.long
def test_who_did_it_does_not_take_note_of_it_for_the_others(admin: Api) -> None:
    """An administrator who is of Quality & Standards too: a colleague is told."""
    code = new_worker(admin)
    token = {"issuer": admin.issuer.settings.issuer, "subject": code, "worker": code}
    principal = give_right(admin, principal=token)
    for name in ("administrator", "quality_standards"):
        give_right(admin, role_assignment={"principal_id": principal, "role": name, "from": SINCE})
    both, before = admin.as_(code), set(told(admin))
    moved = new_worker(admin)
    good(put(both, f"/v1/workers/{moved}", teams=[{"team": "cwd", "from": SINCE}]))
    (path,) = set(told(admin)) - before
    assert path not in told(admin, code)
    (alert,) = (item["about"] for item in admin.as_("qs-1").work() if item["path"] == path)
    assert both.post("/v1/me/alerts/seen", {"alerts": [alert]}).status_code == 404
    assert path in told(admin)
    good(admin.act(f"/v1/principals/{principal}/disable"))


@pytest.mark.long
def test_what_is_told_says_what_was_and_what_is(admin: Api) -> None:
    first = {"relation": "service", "value": "fast", "from": SINCE, "to": None}
    other = {**first, "value": "corporate-parenting"}
    code = new_team(admin, services=[{"service": "fast", "from": SINCE}])
    before = told(admin)
    entry(admin, f"/v1/teams/{code}", services=[{"service": other["value"], "from": SINCE}])
    (change,) = (one for path, one in told(admin).items() if path not in before)
    assert (change["what"], change["state"]) == ("team", "done")
    assert change["was"]["reach"] == {"code": code, "relations": [first]}
    assert change["becomes"]["reach"] == {"code": code, "relations": [other]}
    assert (change["decided_by"], change["allowed_actions"]) == (None, [])
    before = told(admin)
    entry(admin, f"/v1/teams/{code}", name="Another name")
    assert told(admin) == before, "a name reaches nobody"
