"""An authority to which anything may happen, in any order: each happening is one transaction.

Rows are written column by column, as no service would: what the triggers keep must follow from the
rows alone, whoever writes them. What a constraint refuses did not happen.
"""

import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from qa_api.models.base import new_id
from tests.board.possible import (
    CHANGES,
    DAYS,
    EXEMPT,
    FIRST_DAY,
    INSTANTS,
    PEOPLE,
    READERS,
    TEAMS,
    TOLD,
    TYPES,
    about_subjects,
    instant,
)


@dataclass
class Happenings:
    """What may happen, by chance, to rows that are there."""

    owner: "asyncpg.Connection[asyncpg.Record]"
    chance: random.Random
    ids: dict[str, list[UUID]] = field(default_factory=dict)
    """Of the rows that may change, by table."""
    fixed: dict[str, Any] = field(default_factory=dict)
    happened: Counter[str] = field(default_factory=Counter)

    async def set_the_stage(self) -> None:
        """Children, a plan, a sample: what everything else refers to."""
        tool = await self.owner.fetchrow(
            "SELECT id, scale_code, scale_number FROM audit_tools WHERE state = 'published'"
        )
        points = await self.owner.fetch(
            "SELECT code FROM scale_points WHERE scale_code = $1 AND scale_number = $2",
            tool["scale_code"],
            tool["scale_number"],
        )
        principals = await self.owner.fetch("SELECT id FROM principals ORDER BY subject LIMIT 2")
        self.fixed = {
            "tool": dict(tool),
            "judgements": [row["code"] for row in points],
            "principals": [row["id"] for row in principals],
        }
        for table in (
            "subjects",
            "audits",
            "audit_responses",
            "restorative_actions",
            "escalations",
        ):
            self.ids.setdefault(table, [])
        for number in range(12):
            await self._child(number)
        await self._plan()
        for _ in range(25):
            await self.audit()
        for _ in range(10):
            for act in (self.response, self.round_, self.action, self.escalation, self.gate):
                with suppress(asyncpg.IntegrityConstraintViolationError):
                    await act()

    async def happen(self) -> None:
        """One thing, by chance."""
        acts = [self.audit, self.response, self.action, self.escalation, self.gate, self.contact]
        acts += [self.round_, self.addressed, self.exemption, self.grant, self.moderator]
        acts += [self.holiday, self.gone, self.fold, self.taken_back, *[self.changed] * 30]
        act = self.chance.choice(acts)
        try:
            async with self.owner.transaction():
                await act()
            self.happened[act.__name__] += 1
        except asyncpg.IntegrityConstraintViolationError:
            pass

    # --- what comes ---

    async def audit(self) -> None:
        completed, tool = self._sometimes(DAYS), self.fixed["tool"]
        held = await self._of("subjects", bool(completed) or self.chance.random() < 0.5)
        state = self.chance.choice(["completed", "closed"] if completed else ["planned"])
        planned = self.chance.random() < 0.3
        await self._insert(
            "audits",
            **held,
            type=self.chance.choice(TYPES),
            tool_id=tool["id"],
            scale_code=tool["scale_code"],
            scale_number=tool["scale_number"],
            opened_by="person",
            policy_version=1,
            auditor=self.chance.choice(PEOPLE[:-1] if completed else PEOPLE),
            due_on=self.chance.choice([*DAYS, None]),
            planned_at=instant(FIRST_DAY),
            started_at=instant(completed),
            completed_on=completed,
            completed_at=instant(completed),
            overall_judgement=self.chance.choice(self.fixed["judgements"]) if completed else None,
            overall_rationale="Seen." if completed else None,
            state=state,
            left_state={"completed": "in_progress", "closed": "completed"}.get(state, "new"),
            plan_id=self.fixed["plan"] if planned else None,
            plan_team="lincoln-fast" if planned else None,
            theme_code=self.chance.choice(["voice", "plans"]) if planned else None,
            version=1,
        )

    async def response(self) -> None:
        held = await self._of("audits")
        due = self.chance.choice([*DAYS, *DAYS, None])
        await self._insert(
            "audit_responses",
            **held,
            due_on=due,
            notified_at=instant(due and due - timedelta(days=7)),
            explanation=TOLD if due else None,
            state="awaiting_response" if due else "awaiting_notification",
            left_state="awaiting_notification" if due else "new",
            version=1,
        )

    async def action(self) -> None:
        held = await self._of("audits")
        await self._insert(
            "restorative_actions",
            **held,
            kind="practice",
            description="See the child alone.",
            needed_before_closure=False,
            owner=self.chance.choice(PEOPLE),
            set_at=instant(self.chance.choice([*DAYS, None])),
            state="open",
            version=1,
        )

    async def escalation(self) -> None:
        held = await self._of("audits", self.chance.random() < 0.7)
        raised = instant(self.chance.choice(DAYS))
        await self._insert(
            "escalations",
            **held,
            trigger=self.chance.choice(["urgent_finding", "inadequate_judgement"]),
            raised_at=raised,
            policy_version=1,
            calendar_version=1,
            explanation=TOLD,
            acknowledge_by=raised,
            inform_by=raised,
            state="raised",
            version=1,
        )

    async def gate(self) -> None:
        held = await self._of("audits", self.chance.random() < 0.7)
        event = await self._insert(
            "case_events",
            kept=False,
            system="mosaic",
            event_id=str(new_id()),
            type="t",
            received_at=instant(FIRST_DAY),
            fingerprint="f",
            data="{}",
            parked=False,
        )
        closed_at = instant(self.chance.choice([*DAYS, None]))
        await self._insert(
            "closure_gates",
            **held,
            system="mosaic",
            episode_id=str(event),
            cycle=1,
            current=True,
            opened_by_event=event,
            may_close=False,
            explanation=self.chance.choice([TOLD, EXEMPT]),
            policy_version=1,
            opened_at=instant(FIRST_DAY),
            closed_at=closed_at,
            closing_counts_at=closed_at,
            state="awaiting_audit",
            version=1,
        )

    async def contact(self) -> None:
        audit = self._one("audits")
        of_audit = "SELECT id, subject_id, team, worker, restricted"
        await self.owner.execute(
            "INSERT INTO family_contacts (expected, audit_id, subject_id, team, worker, restricted)"
            f" SELECT true, a.* FROM ({of_audit} FROM audits WHERE id = $1) a"
            " ON CONFLICT DO NOTHING",
            audit,
        )
        outcome = self.chance.choice(["spoken", "not_reached"])
        await self.owner.execute(
            "INSERT INTO family_contact_attempts (number, who, how, at, outcome, audit_id,"
            " subject_id, team, worker, restricted)"
            f" SELECT $3, 'Mother', 'Telephone', now(), $2, a.* FROM ({of_audit} FROM audits"
            " WHERE id = $1) a ON CONFLICT (audit_id, number) DO UPDATE SET outcome = $2",
            audit,
            outcome,
            1,
        )

    async def round_(self) -> None:
        if not self.ids.get("audit_responses"):
            return
        submitted = self._sometimes(DAYS)
        outcome = self.chance.choice([None, "adequate", "returned"]) if submitted else None
        await self._insert(
            "response_rounds",
            **await self._of("audit_responses"),
            number=self.chance.randint(1, 4),
            due_on=self.chance.choice([None, *DAYS]),
            submitted_at=instant(submitted),
            outcome=outcome,
            reasons="Say more." if outcome == "returned" else None,
        )

    async def addressed(self) -> None:
        if self.ids.get("escalations"):
            await self._insert(
                "escalation_recipients",
                kept=False,
                **await self._of("escalations"),
                recipient=self.chance.choice(PEOPLE),
                acts_as="team_manager",
                for_team=self.chance.choice(TEAMS),
                notified_at=instant(FIRST_DAY),
            )

    async def exemption(self) -> None:
        await self.owner.execute("DELETE FROM plan_exemptions")
        if self.chance.random() < 0.6:
            await self._insert(
                "plan_exemptions",
                kept=False,
                plan_id=self.fixed["plan"],
                team="lincoln-fast",
                reason="Vacant posts.",
                decided_at=instant(self.chance.choice(DAYS)),
            )

    async def grant(self) -> None:
        everybody = await self.owner.fetch(
            "SELECT id FROM principals WHERE subject = ANY ($1)", READERS
        )
        await self._insert(
            "restriction_grants",
            kept=False,
            subject_id=self._one("subjects"),
            principal_id=self.chance.choice(everybody)["id"],
            reason="Needed.",
            granted_by=self.fixed["principals"][0],
            granted_at=instant(FIRST_DAY),
            expires_at=instant(self.chance.choice([DAYS[0], date(2027, 6, 1)])),
        )

    async def moderator(self) -> None:
        tool = self.fixed["tool"]
        await self._insert(
            "moderation_outcomes",
            kept=False,
            **await self._of("audits"),
            sample_id=self.fixed["sample"],
            position=1,
            auditor="au-2",
            audit_type="collaborative",
            audit_revision=1,
            completed_on=FIRST_DAY,
            scale_code=tool["scale_code"],
            scale_number=tool["scale_number"],
            auditor_judgement=self.fixed["judgements"][0],
            auditor_rationale="Seen.",
            moderator=self.chance.choice(["tm-lincoln-fast", "hos-fast", "slt-1"]),
            version=1,
        )

    # --- what changes ---

    async def changed(self) -> None:
        """Some columns of one row, or of all the rows about one child as when a case moves."""
        if self.chance.random() < 0.15:
            await self.handed_over()
            return
        table = self.chance.choice([name for name in CHANGES if self.ids.get(name)])
        choices = CHANGES[table]
        columns = self.chance.sample(choices, self.chance.randint(1, min(3, len(choices))))
        values = {name: self.chance.choice(values) for name, values in columns}
        await self._update(table, self._one(table), values | self._with(table, values))

    def _with(self, table: str, values: dict[str, Any]) -> dict[str, Any]:
        """What else must change, or the constraints would never let it happen."""
        further: dict[str, Any] = {}
        if "recorded_in_error_at" in values:
            confirmed = values["recorded_in_error_at"] is not None
            first, second = self.fixed["principals"] if confirmed else (None, None)
            further |= {"error_reported_by": first, "error_confirmed_by": second}
        if table == "closure_gates" and "closed_at" in values:
            further["closing_counts_at"] = values["closed_at"]
        if values.get("state") == "cancelled":
            further["cancel_reason"] = "Moved away."
        if table == "audits" and values.get("state") in {"completed", "closed"}:
            day = values.get("completed_on") or self.chance.choice(DAYS)
            further |= {
                "completed_on": day,
                "completed_at": instant(day),
                "overall_rationale": "Seen.",
            }
            further["overall_judgement"] = self.chance.choice(self.fixed["judgements"])
        return further

    async def handed_over(self) -> None:
        """A case is handed over, restricted or not, or merged into another."""
        subject, other = self._one("subjects"), self._one("subjects")
        if self.chance.random() < 0.7:
            other = subject
            restricted = self.chance.random() < 0.25
            held = {"team": self.chance.choice(TEAMS), "worker": self.chance.choice(PEOPLE)}
            why = {"restricted": restricted, "restriction_kind": "staff" if restricted else None}
            await self._update("subjects", subject, held | why)
        for table in about_subjects():
            await self.owner.execute(
                f"UPDATE {table} SET subject_id = s.id, team = s.team, worker = s.worker,"
                f" restricted = s.restricted FROM subjects s"
                f" WHERE {table}.subject_id = $1 AND s.id = $2",
                subject,
                other,
            )

    async def taken_back(self) -> None:
        """An audit of the plan is cancelled before anybody has begun it."""
        await self.owner.execute(
            "UPDATE audits SET state = 'cancelled', cancel_reason = 'Exempt.', started_at = NULL,"
            " cancelled_at = $1 WHERE id = (SELECT id FROM audits WHERE plan_id IS NOT NULL"
            " AND state = 'planned' ORDER BY id LIMIT 1)",
            self.chance.choice(INSTANTS),
        )

    async def holiday(self) -> None:
        """A day turns into a holiday or back, and the index of all later ones with it."""
        day = self.chance.choice(DAYS)
        await self.owner.execute(
            "UPDATE calendar_days d SET working = (d.working <> (d.day = $1)),"
            " working_index = d.working_index + CASE WHEN turned.working THEN -1 ELSE 1 END"
            " FROM calendar_days turned WHERE turned.day = $1 AND d.day >= $1",
            day,
        )

    async def gone(self) -> None:
        table = self.chance.choice(["response_rounds", "restorative_actions", "escalations"])
        if self.ids.get(table):
            id_ = self._one(table)
            await self.owner.execute(f"DELETE FROM {table} WHERE id = $1", id_)
            self.ids[table].remove(id_)

    async def fold(self) -> None:
        await self.owner.execute("SELECT fold_rollups($1)", self.chance.choice([1, 7, 1000]))

    # --- writing ---

    async def _child(self, number: int) -> None:
        team = TEAMS[number % 3]
        await self._insert(
            "subjects",
            kind="child",
            system="mosaic",
            ref=f"R-{number}",
            team=team,
            restricted=False,
            version=1,
        )

    async def _plan(self) -> None:
        self.fixed["plan"] = await self._insert(
            "quarter_plans",
            kept=False,
            quarter="2026-27 Q3",
            number=1,
            audit_type="themed",
            drafted_at=instant(FIRST_DAY),
            published_at=instant(FIRST_DAY),
            state="published",
            left_state="draft",
            version=1,
        )
        for code in ("voice", "plans"):
            await self.owner.execute(
                "INSERT INTO themes (code, title, sources, version) VALUES ($1, $1, '[]', 1)"
                " ON CONFLICT DO NOTHING",
                code,
            )
        self.fixed["sample"] = await self._insert(
            "moderation_samples",
            kept=False,
            period="2026-09",
            starts_on=date(2026, 9, 1),
            ends_before=date(2026, 10, 1),
            method="m",
            seed="s",
            population_hash="h",
            policy_version=1,
            explanation=TOLD,
            drawn_at=instant(FIRST_DAY),
            state="open",
            version=1,
        )

    def _sometimes(self, values: list[Any]) -> Any:
        return self.chance.choice(values) if self.chance.random() < 0.5 else None

    def _one(self, table: str) -> UUID:
        return self.chance.choice(self.ids[table])

    async def _of(self, table: str, named: bool = True) -> dict[str, Any]:
        """Whom a new row is about: as one of these rows, and whether it names it.

        All that is about a child is held by the same people, as the service keeps it.
        """
        id_ = self._one(table)
        subject = "id AS subject_id" if table == "subjects" else "subject_id"
        held = await self.owner.fetchrow(
            f"SELECT {subject}, team, worker, restricted FROM {table} WHERE id = $1",
            id_,
        )
        if table == "subjects":
            if not named:  # a plan's audit, of a team until the case is known
                return {"subject_id": None, "team": "lincoln-fast", "restricted": False}
            return dict(held)
        names = {"audits": "audit_id", "audit_responses": "response_id"}
        name = names.get(table, "escalation_id")
        return {**held, name: id_ if named else None}

    async def _insert(self, table: str, kept: bool = True, **values: Any) -> UUID:
        id_ = new_id()
        values = {"id": id_, **values}
        places = ", ".join(f"${n + 1}" for n in range(len(values)))
        query = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})"
        await self.owner.execute(query, *values.values())
        if kept:  # nothing after it fails in the same happening
            self.ids.setdefault(table, []).append(id_)
        return id_

    async def _update(self, table: str, id_: UUID, values: dict[str, Any]) -> None:
        names = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, 2))
        query = f"UPDATE {table} SET {names} WHERE id = $1"
        await self.owner.execute(query, id_, *values.values())
