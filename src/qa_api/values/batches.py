"""What comes of each item of a batch: it is done, was so already, or is refused by itself."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Self

from pydantic import Field

from qa_api.problems import Problem
from qa_api.values.fields import Output

MOST: Final = 100
"""How many items one batch of changes has at most."""


class ItemFault(Output):
    """What is wrong with an item of a batch, and where, as a pointer into the batch."""

    pointer: Annotated[str, Field(max_length=500)]
    code: Annotated[str, Field(max_length=100)]
    detail: Annotated[str, Field(max_length=1000)]


class ItemRefusal(Output):
    """Why one item was refused, as the single request would be; the others stand."""

    type: Annotated[str, Field(max_length=100)]
    """The problem type, served as a page."""
    status: Annotated[int, Field(ge=400, le=499)]
    """The HTTP status that the single request would have."""
    detail: Annotated[str, Field(max_length=2000)]
    clause: Annotated[str, Field(max_length=100)] | None
    """The clause that forbids it, where it is one of the procedure."""
    code: Annotated[str, Field(max_length=100)] | None
    """The rule's stable code, where it has one."""
    errors: Annotated[list[ItemFault], Field(max_length=100)]

    @classmethod
    def of(cls, problem: Problem, at: str) -> Self:
        """The refusal of the item at a pointer of the batch."""
        said: Mapping[str, Any] = problem.members
        return cls(
            type=problem.kind.type,
            status=problem.status,
            detail=problem.detail,
            clause=said.get("clause"),
            code=said.get("code"),
            errors=[
                ItemFault(pointer=f"{at}{each.pointer or ''}", code=each.code, detail=each.detail)
                for each in problem.errors
            ],
        )
