"""R4.5.4: a made-up case is in no record, gate, notification, plan, figure, dataset or metric.

Two copies of one authority: in one of them auditors practise. Whatever else is asked of either, by
whomever, both answer the same; and no row of any table about real work is written or changed. In
the suite a share is asked, `./dev drill practice` asks everything.
"""

import random
import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from qa_api import clock
from qa_api.auth.development import DevelopmentIssuer
from qa_api.settings import Settings
from tests.conftest import Clone, Database, cloning
from tests.contract.document import operations
from tests.drill import SEED, share
from tests.matrix.near import Model
from tests.matrix.shown import Shows
from tests.matrix.walk import Walk
from tests.matrix.world import Tables, World, domain_by_domain, served
from tests.sealing.test_nothing_is_shown import Asked, reads
from tests.sealing.twins import Twins, filled, kept, told_apart, without_chance

SHARE = share(60)
"""In the suite one of so many requests is made; 0: every one."""
PEOPLE = ("qs-1", "ps-lincoln-fast", "slt-1", "reporting-1", "tm-lincoln-fast", "admin-1")
OWN = {
    *("practice_cases", "practice_standards", "practice_standard_domains"),
    *("practice_audits", "practice_audit_domains"),
}
LOGS = {"events", "idempotency_keys"}
"""What happened, by ids, and that a request was answered: of every change, whatever it is about."""


@pytest.fixture(scope="module")
def twins(
    postgres: Database, clone_of_authority: Clone, authority: Settings, issuer: DevelopmentIssuer
) -> Iterator[tuple[Twins, set[str]]]:
    """Both, and the tables that practising wrote into; made once."""
    with ExitStack() as stack:
        stack.callback(clock.reset)
        database = clone_of_authority()
        with served(database, authority, issuer) as world:
            case = filled(world)
        make = stack.enter_context(cloning(postgres, database, "practised"))
        both = (database, make())
        plain, practised = [stack.enter_context(served(each, authority, issuer)) for each in both]
        before = plain.tables()
        kept.update(str(row["id"]) for rows in before.values() for row in rows if "id" in row)
        _practise(practised)
        yield Twins((plain, practised), case, before, ""), differing(before, practised.tables())


def _practise(world: World) -> None:
    body = {
        "title": "Two brothers, one plan",
        "material": "Four visits, two of them late.",
        "scale_code": "four-point",
        "scale_number": 1,
        "standard": {"judgement": "inadequate", "rationale": "Nobody saw the elder alone."},
    }
    for _ in range(2):
        path = world.made("qs-1", "/v1/practice-cases", body)
        for auditor in ("ps-lincoln-fast", "ps-boston-fast", "au-1"):
            judged = {"judgement": "outstanding", "rationale": "The plan works."}
            world.made(auditor, f"{path}/audits", judged)
    domain_by_domain(world, "inadequate", "outstanding", ("ps-lincoln-fast", "ps-boston-fast"))


def differing(before: Tables, after: Tables) -> set[str]:
    """The tables of which some row was added, changed or taken away."""
    return {
        name for name in after if sorted(map(str, before[name])) != sorted(map(str, after[name]))
    }


def test_practising_writes_its_own_tables_and_the_logs_of_every_change(
    twins: tuple[Twins, set[str]],
) -> None:
    _, written = twins
    assert written == OWN | LOGS


@pytest.mark.long
@pytest.mark.parametrize("person", PEOPLE)
def test_no_other_read_knows_of_it(twins: tuple[Twins, set[str]], person: str) -> None:
    both, _ = twins
    model = Model(both.before)
    shows = {person: Shows(model, model.person(person))}
    walk = Walk(both.worlds[0], model, shows, random.Random(SEED), 0, lambda *_: None)
    well, wrong = 0, []
    for operation, path, form in _chosen(walk, person):
        first, second = both.ask(person, "GET", path, headers={"accept": form})
        well += first.status_code == 200
        said = told_apart(first, second)
        if operation == "get_record" and _same_pieces(first.text, second.text):
            continue
        if said:
            wrong.append(f"{operation}: {path} to {person} {said}")
    assert not wrong, "\n".join(wrong[:40])
    assert well >= 1


def _same_pieces(first: str, second: str) -> bool:
    """Whether two records say the same: who looked at one instant is in it in any order."""
    one, other = (sorted(re.split(r"[\n{}]", without_chance(text))) for text in (first, second))
    return one == other


def _chosen(walk: Walk, person: str) -> list[Asked]:
    """Every read but those of practice audits, or a share of them."""
    own = {str(each) for each in operations() if "practice-audits" in each.content["tags"]}
    assert len(own) == 9
    every = [asked for asked in reads(walk) if asked[0] not in own]
    if not SHARE:
        return every
    return random.Random(f"{SEED} {person}").sample(every, len(every) // SHARE)


@pytest.mark.long
def test_their_own_reads_do(twins: tuple[Twins, set[str]]) -> None:
    """Without them the walk would prove nothing."""
    both, _ = twins
    told = [
        path
        for path in ("practice-cases", "practice-audits", "practice-agreement")
        if told_apart(*both.ask("qs-1", "GET", f"/v1/{path}"))
    ]
    assert told == ["practice-cases", "practice-audits", "practice-agreement"]
