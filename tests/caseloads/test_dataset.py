"""The dataset of caseloads: a row for each, none for a child (R4.4.4, X1, X3)."""

from tests.api import Api, Json
from tests.audits.auditing import of_new_child
from tests.caseloads.sending import OTHER, TEAM, Caseloads
from tests.planning.test_restricted import restrict
from tests.reporting.copies import REPORTER, Copy


def test_a_copy_follows_what_is_sent_sent_anew_and_no_restricted_child(
    caseloads: Caseloads, api: Api
) -> None:
    hidden = of_new_child(api, caseloads.new_ref, team=TEAM, worker=f"sw1-{TEAM}").ref
    restrict(api, hidden)
    copy = Copy(api.as_(REPORTER), "caseloads").begin()
    taken = caseloads.taken(caseloads.child(hidden), caseloads.child(), caseloads.child())
    copy.follow()

    def of_day() -> list[Json]:
        return [row for row in copy.rows.values() if row["taken_on"] == str(caseloads.day)]

    (row,) = of_day()
    assert (row["id"], row["system"], row["version"]) == (taken["id"], "mosaic", 1)
    assert (row["children"], row["removed"], row["replaces"]) == (2, 0, False)
    assert (row["rows_hash"], row["sent_by"]) == (taken["rows_hash"], None)
    # Who may send one would learn by a number whether the one child in it is restricted.
    theirs = Copy(caseloads.standards, "caseloads").begin().rows[taken["id"]]
    assert (theirs["children"], theirs["rows_hash"], theirs["version"]) == (None, None, 1)
    tag = caseloads.system.tag(caseloads.path)
    anew = caseloads.put([caseloads.child(team=OTHER)], by=caseloads.standards, tag=tag)
    assert anew.status_code == 200, anew.text
    sent = copy.follow()
    assert {"id": taken["id"], "is_deleted": True}.items() <= sent[
        [one["id"] for one in sent].index(taken["id"])
    ].items()
    (row,) = of_day()
    assert (row["children"], row["replaces"], row["sent_by"]) == (1, True, "qs-1")
    assert copy.rows == copy.as_pulled_anew()
    (described,) = (
        one
        for one in api.as_(REPORTER).get("/v1/reporting/datasets").json()["datasets"]
        if one["name"] == "caseloads"
    )
    assert not {"ref", "subject", "team"} & {column["name"] for column in described["columns"]}
