"""Data that ships with the service; whoever needs it parses it."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

DEFAULT_AUTHORITY: Final = "county"
"""The shipped authority that development runs with, where it names no other."""


def official_calendar_text() -> str:
    """The published bank holidays of England and Wales, as JSON text (§4.2, R4.2.1)."""
    name = "bank-holidays-england-and-wales.json"
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def shipped_authorities() -> dict[str, Traversable]:
    """The folders of the authorities that development and tests run with, by code."""
    folders = (files(__name__) / "authorities").iterdir()
    return {folder.name: folder for folder in folders if (folder / "authority.json").is_file()}
