"""Which form the caller wants to have (RFC 9110 §12.5.1)."""

from collections.abc import Sequence

from qa_api.problems import not_acceptable


def preferred(accept: str | None, available: Sequence[str]) -> str:
    """The media type of ``available`` that Accept prefers; the first one if it does not matter.

    Raises ``not-acceptable`` if it excludes all of them.
    """
    if not accept or not accept.strip():
        return available[0]
    ranges = [_weighed(part) for part in accept.split(",") if part.strip()]
    # max() keeps the first of equals, so our own order decides between them.
    best = max(available, key=lambda media_type: _quality(media_type, ranges))
    if _quality(best, ranges) <= 0:
        raise not_acceptable(available)
    return best


def takes_gzip(accept_encoding: str | None) -> bool:
    """Whether the caller reads a body that is compressed with gzip (RFC 9110 §12.5.3)."""
    if not accept_encoding:
        return False
    weights = dict(_weighed(part) for part in accept_encoding.split(",") if part.strip())
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _weighed(written: str) -> tuple[str, float]:
    media_range, *parameters = (part.strip().lower() for part in written.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = min(max(float(value), 0.0), 1.0)
            except ValueError:
                quality = 0.0
    return media_range, quality


def _quality(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The weight given by the most specific range that covers the media type."""
    for candidate in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        weights = [quality for media_range, quality in ranges if media_range == candidate]
        if weights:
            return max(weights)
    return 0.0
