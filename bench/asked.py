"""What is asked of all three applications: the same records, by people who may see them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from bench.database import Authority

PAGES_OF_A_TEAM = 20
RECORDS_OF_A_TEAM = 200
LISTED = "state=closed&limit=50"

Request = tuple[str, str, str]
"""A path, a token and a body."""


@dataclass(frozen=True)
class Scenario:
    """One kind of request, and each application's own form of the same ones."""

    name: str
    method: str
    own: list[Request]
    theirs: list[Request]
    """For the two others: they page by the last id, without a signed cursor."""

    def write(self, directory: Path, application: str) -> Path:
        """The file that the load script reads."""
        path = directory / f"{self.name.lower()}-{application}.tsv"
        requests = self.own if application == "qa_api" else self.theirs
        path.write_text("".join("\t".join(request) + "\n" for request in requests))
        return path


async def scenarios(authority: Authority, service_url: str) -> list[Scenario]:
    """GET of closed audits and LIST of their pages, each team by its manager; POST by Q&S.

    A manager does not see a draft that they made; Quality & Standards are shown the whole of it.
    """
    connection = await asyncpg.connect(authority.owner_url)
    try:
        teams = [row["code"] for row in await connection.fetch("SELECT code FROM teams")]
        tokens = {team: authority.issuer.issue(f"tm-{team}") for team in teams}
        quality_standards = authority.issuer.issue("qs-1")
        get: list[Request] = []
        post: list[Request] = []
        questions = [row["key"] for row in await connection.fetch(_QUESTIONS)]
        for team in teams:
            ids = await connection.fetch(_CLOSED, team, RECORDS_OF_A_TEAM)
            get += [(f"/v1/audits/{row['id']}", tokens[team], "") for row in ids]
            refs = await connection.fetch(_SUBJECTS, team, RECORDS_OF_A_TEAM)
            post += [
                ("/v1/audits", quality_standards, json.dumps(_plan(row["ref"], team, questions)))
                for row in refs
            ]
    finally:
        await connection.close()
    own, theirs = _pages(service_url, tokens)
    return [
        Scenario("GET", "GET", get, get),
        Scenario("LIST", "GET", own, theirs),
        Scenario("POST", "POST", post, post),
    ]


def _pages(service_url: str, tokens: dict[str, str]) -> tuple[list[Request], list[Request]]:
    """The second page of each team's closed audits and the ones after it."""
    own: list[Request] = []
    theirs: list[Request] = []
    with httpx.Client(base_url=service_url) as client:
        for team, token in tokens.items():
            path = f"/v1/audits?team={team}&{LISTED}"
            asked = path
            for _ in range(PAGES_OF_A_TEAM):
                answer = client.get(asked, headers={"authorization": f"Bearer {token}"})
                page = answer.raise_for_status().json()
                if page["next_cursor"] is None:
                    break
                asked = f"{path}&cursor={page['next_cursor']}"
                own.append((asked, token, ""))
                theirs.append((f"{path}&after={page['items'][-1]['id']}", token, ""))
    return own, theirs


def _plan(ref: str, team: str, questions: list[str]) -> dict[str, Any]:
    return {
        "type": "closure",
        "subject": {"system": "mosaic", "ref": ref},
        "auditor": f"ps-{team}",
        "answers": [
            {
                "question_key": key,
                "value": "yes",
                "evidence": "CN-2026-114",
                "rationale": "Seen in the record and confirmed with the worker.",
            }
            for key in questions
        ],
        "actions": [
            {
                "kind": kind,
                "description": "Bring the plan up to date with the family and record it.",
                "needed_before_closure": kind == "compliance",
            }
            for kind in ("compliance", "practice")
        ],
    }


_CLOSED = """
SELECT id FROM audits WHERE team = $1 AND state = 'closed' ORDER BY md5(id::text) LIMIT $2"""
_SUBJECTS = "SELECT ref FROM subjects WHERE team = $1 ORDER BY md5(id::text) LIMIT $2"
_QUESTIONS = """
SELECT q.key FROM tool_questions q JOIN audit_tools o ON o.id = q.tool_id
JOIN audit_types t ON t.tool_code = o.code AND t.code = 'closure'
WHERE o.state = 'published' AND q.answer_kind = 'yes_no_partial_na' AND NOT q.timescale_check
ORDER BY q.key LIMIT 10"""
