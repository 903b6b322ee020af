"""Carer households of Fostering (North), their audits, and the worker that opens them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qa_api.due_audits.schedule import open_due_audits
from tests.api import Api, Json
from tests.audits.auditing import CONTACT, GOOD
from tests.responses.casework import Service

TEAM = "fostering-north"
WORKER = f"sw1-{TEAM}"
MANAGER = f"tm-{TEAM}"
SUPERVISOR = f"ps-{TEAM}"
TYPE = "carers"


@dataclass
class Household:
    """One household as Quality & Standards sees it."""

    api: Api
    ref: str
    id: str

    @property
    def path(self) -> str:
        return f"/v1/carer-households/mosaic/{self.ref}/panel-date"

    @property
    def subject(self) -> Json:
        return {"system": "mosaic", "ref": self.ref}

    def presented(self, on: str, **more: str) -> None:
        """Set when it was first presented at Panel, or put that right."""
        answer = self.api.change("PUT", self.path, {"first_panel_on": on, **more})
        assert answer.status_code in {200, 201}, answer.text

    def owes(self, as_at: str | None = None, person: str = "qs-1", **filters: str) -> list[Json]:
        """Its due audits, as somebody sees them."""
        query = {"subject": self.id, "type": TYPE, **filters} | ({"as_at": as_at} if as_at else {})
        answer = self.api.as_(person).get("/v1/due-audits", params=query)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    def audits(self, person: str = "qs-1") -> list[Json]:
        """Its audits, the earliest due first."""
        answer = self.api.as_(person).get(f"/v1/audits?subject={self.id}&type={TYPE}")
        return sorted(answer.json()["items"], key=lambda audit: audit["due_on"])


@dataclass
class Fostering:
    """The team at work."""

    api: Api
    service: Service
    new_ref: Callable[[], str]

    def household(self, panel: str | None = None, team: str = TEAM) -> Household:
        """A new household, with its panel date if one is given."""
        ref = self.new_ref()
        body = {"kind": "carer_household", "team": team, "worker": f"sw1-{team}"}
        made = self.api.change("PUT", f"/v1/subjects/mosaic/{ref}", body)
        assert made.status_code == 200, made.text
        household = Household(self.api, ref, made.json()["id"])
        if panel is not None:
            household.presented(panel)
        return household

    def sweep(self) -> int:
        """Open what falls due, as the worker does."""
        return self.service.work(open_due_audits)

    def complete(self, audit_id: str, auditor: str = "au-1") -> None:
        """Carry an audit out, from assignment to completion."""
        path = f"/v1/audits/{audit_id}"
        done = [self.api.act(f"{path}/assign", {"auditor": auditor})]
        auditing = self.api.as_(auditor)
        done.append(auditing.act(f"{path}/start"))
        done.append(auditing.change("PUT", f"{path}/family-contact", CONTACT, on=path))
        praise = {"positive_feedback": "Patient and warm.", "paper_records_read": "The blue file."}
        done.append(auditing.change("PATCH", path, praise))
        done.append(auditing.act(f"{path}/complete", {"overall": GOOD}))
        for answer in done:
            assert answer.status_code == 200, answer.text

    def cancel(self, audit_id: str, reason: str = "They moved abroad for the year.") -> None:
        """Cancel an audit with a reason."""
        answer = self.api.act(f"/v1/audits/{audit_id}/cancel", {"reason": reason})
        assert answer.status_code == 200, answer.text

    def record_in_error(self, audit_id: str) -> None:
        """Two people take a completed audit out."""
        path = f"/v1/audits/{audit_id}"
        reported = self.api.act(f"{path}/record-in-error", {"reason": "The wrong household."})
        assert reported.status_code == 200, reported.text
        assert self.api.as_("qs-2").act(f"{path}/confirm-error").status_code == 204


def dates(rows: list[Json]) -> list[str]:
    """When the rows are due."""
    return [row["due_on"] for row in rows]


def standing(rows: list[Json]) -> list[tuple[str, str]]:
    """When the rows are due and how they stand."""
    return [(row["due_on"], row["status"]) for row in rows]


def keyed(rows: list[Json], name: str) -> list[Any]:
    """One field of the rows."""
    return [row[name] for row in rows]
