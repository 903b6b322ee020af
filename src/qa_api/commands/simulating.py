"""What a proposed policy would have asked of the authority's own last year."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qa_api.commands.common import in_workshop, refuse

if TYPE_CHECKING:
    from qa_api.adoption.folder import FileFault
    from qa_api.simulating.simulation import Facts
    from qa_api.work import Workshop


def add_arguments(parser: ArgumentParser) -> None:
    """What `simulate` takes."""
    parser.add_argument(
        "--policy",
        type=Path,
        required=True,
        metavar="FILE",
        help="what is proposed: JSON of policy values, or a change as it is sent",
    )
    parser.add_argument("--by-team", action="store_true", help="also by team and month")
    parser.add_argument("--json", action="store_true", help="everything, for machines")
    parser.add_argument(
        "--seed", default="1", metavar="TEXT", help="draws what nobody has drawn (%(default)s)"
    )


def simulate(asked: Namespace) -> int:
    """Count the last year by today's policy and by the one in FILE, side by side. Only reads."""
    from qa_api.rules.decision import RuleRefused
    from qa_api.simulating.policy_file import FileRefused, read_proposed
    from qa_api.simulating.simulation import compare
    from qa_api.simulating.telling import document, lines, lines_by_team

    try:
        proposed = read_proposed(str(asked.policy), asked.policy.read_bytes())
    except OSError as unreadable:
        return refuse(f"{asked.policy} cannot be read: {unreadable.strerror}")
    except FileRefused as refused:
        return _refuse(refused.faults)
    role, facts = _read()
    if facts is None:
        return refuse("the authority has no policy yet: `qa-api init` makes its first")
    try:
        compared = compare(facts, proposed.values, asked.seed)
    except RuleRefused as refused:
        return _refuse(proposed.refused(refused).faults)
    if asked.json:
        print(json.dumps(document(compared, facts.year, asked.seed), ensure_ascii=False))
        return 0
    print(f"Asked as {role}, with the reach of the service; nothing is written, and nobody named.")
    for line in lines(compared, facts.year, asked.seed):
        print(line)
    for line in lines_by_team(compared, facts.year) if asked.by_team else ():
        print(line)
    return 0


def _read() -> "tuple[str, Facts | None]":
    """As which role it asked, and the facts; none where the authority has no policy."""
    from qa_api.simulating.simulation import read_facts

    found: list[tuple[str, Facts | None]] = []

    async def ask(workshop: "Workshop") -> None:
        async with workshop.open_as_service("simulate", to_read=True) as work:
            role = await work.driver.fetchval("SELECT current_user")
            found.append((role, await read_facts(work) if work.policy_version else None))

    in_workshop(ask)
    return found[0]


def _refuse(faults: "Sequence[FileFault]") -> int:
    for fault in faults:
        print(fault, file=sys.stderr)
    places = "one place" if len(faults) == 1 else f"{len(faults)} places"
    return refuse(f"nothing was simulated: faults in {places}")
