"""A body as it is sent: as it is, or compressed with gzip."""

import asyncio
import zlib
from typing import Final

_GZIP: Final = 16 + zlib.MAX_WBITS
_FAST: Final = 1
"""Rows of one dataset resemble each other: more effort makes them hardly smaller."""
_WORTH_A_THREAD: Final = 65_536
"""Bytes; compressing more than that would keep the process's other callers waiting."""


class Packing:
    """Packs one body, part by part."""

    def __init__(self, *, zipped: bool) -> None:
        self._gzip = zlib.compressobj(_FAST, zlib.DEFLATED, _GZIP) if zipped else None

    async def add(self, part: bytes) -> bytes:
        """The next part as it is sent; compressed it may be empty."""
        if self._gzip is None:
            return part
        if len(part) < _WORTH_A_THREAD:
            return self._gzip.compress(part)
        return await asyncio.to_thread(self._gzip.compress, part)

    def end(self) -> bytes:
        """What is still to be sent."""
        return b"" if self._gzip is None else self._gzip.flush()
