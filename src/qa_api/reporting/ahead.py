"""Some pieces of work in their order, of which the next is begun before the one before is done."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


async def one_ahead(
    given: AsyncIterator[Given],
    make: Callable[[Given], Coroutine[Any, Any, Made]],
    nobody_waits: Callable[[], bool],
) -> AsyncGenerator[Made]:
    """What is made of each, in its order, and handed on once it is whole.

    While no person waits, the next is being made meanwhile: two at a time, and never more.
    """
    under_way: deque[asyncio.Task[Made]] = deque()
    try:
        async for each in given:
            under_way.append(asyncio.create_task(make(each)))
            while len(under_way) > (1 if nobody_waits() else 0):
                yield await under_way.popleft()
        while under_way:
            yield await under_way.popleft()
    finally:
        # What is begun comes to its end, also where nobody takes it any more.
        await asyncio.gather(*under_way, return_exceptions=True)
