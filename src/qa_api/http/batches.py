"""A batch of changes: each item is carried out by itself, and has an outcome of its own.

What a rule refuses of one is undone and told; the others stand. What is the service's own trouble
(the database, a deadline) refuses the whole, which is tried again as any change is.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from fastapi import Request

from qa_api.http.errors import REFUSED, problem_for, with_permission
from qa_api.http.writes import Change
from qa_api.problems import Problem
from qa_api.values.batches import ItemRefusal

Item = TypeVar("Item")
Done = TypeVar("Done")


async def one_by_one(
    change: Change,
    request: Request,
    name: str,
    items: Sequence[Item],
    act: Callable[[Item], Awaitable[Done]],
    *,
    locks: Callable[[Item], str],
) -> list[Done | ItemRefusal]:
    """What came of each item, in their order. `name` is the list's in the body.

    `locks` names what an item holds until the end. They are done in the order of these names, so
    that two batches of the same things wait for each other and do not stop each other.
    """
    outcomes: dict[int, Done | ItemRefusal] = {}
    for position, item in sorted(enumerate(items), key=lambda each: locks(each[1])):
        try:
            async with change.work.alone():
                outcomes[position] = await act(item)
        except REFUSED as fault:
            problem = _of_caller(request, fault)
            outcomes[position] = ItemRefusal.of(problem, f"/{name}/{position}")
    return [outcomes[position] for position in range(len(items))]


def _of_caller(request: Request, fault: Exception) -> Problem:
    """The problem that it stands for, where the caller can do something about it."""
    problem = problem_for(request, fault, request.app.state.constraint_refusals)
    if problem.status >= 500:
        raise fault
    return with_permission(problem, request)
