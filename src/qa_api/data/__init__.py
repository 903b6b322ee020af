"""Official data that ships with the service, as text; whoever needs it parses it."""

from importlib.resources import files


def official_calendar_text() -> str:
    """The published bank holidays of England and Wales, as JSON text (§4.2, R4.2.1)."""
    name = "bank-holidays-england-and-wales.json"
    return files(__name__).joinpath(name).read_text(encoding="utf-8")
