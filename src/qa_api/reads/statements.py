"""Statements that are put together once for each combination that callers ask for.

Putting one together takes up to tenths of a second, and anybody can ask for a new combination. So
one thread does it while the event loop answers others: however many new ones are asked for, only
that thread competes with the loop.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Final, Generic, ParamSpec

from qa_api.db import Prepared

P = ParamSpec("P")
_BUILDER: Final = ThreadPoolExecutor(1, thread_name_prefix="statements")


class Statements(Generic[P]):
    """Statements by what they are of; of more than `most`, those asked longest ago are dropped."""

    def __init__(self, build: Callable[P, Prepared], most: int) -> None:
        self._build = build
        self._most = most
        self._kept: OrderedDict[tuple[object, ...], Prepared] = OrderedDict()
        self._lock = Lock()

    def now(self, *args: P.args, **kwargs: P.kwargs) -> Prepared:
        """The statement, put together by the caller's own thread where it is new."""
        if (found := self._found(args, kwargs)) is None:
            found = self._build(*args, **kwargs)
            with self._lock:
                self._kept[self._key(args, kwargs)] = found
                if len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return found

    async def beside(self, *args: P.args, **kwargs: P.kwargs) -> Prepared:
        """The same; where it is new, others are answered while it is put together."""
        if (found := self._found(args, kwargs)) is not None:
            return found
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_BUILDER, lambda: self.now(*args, **kwargs))

    def _found(self, args: tuple[object, ...], kwargs: dict[str, object]) -> Prepared | None:
        key = self._key(args, kwargs)
        with self._lock:
            if (found := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
        return found

    @staticmethod
    def _key(args: tuple[object, ...], kwargs: dict[str, object]) -> tuple[object, ...]:
        return (*args, *sorted(kwargs.items()))
