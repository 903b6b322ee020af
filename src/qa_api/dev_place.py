"""Where a development service runs, as its data directory says to other commands.

It stands by itself: a command that only asks where the service is loads nothing of it.
"""

import json
import os
from pathlib import Path
from typing import Self

from qa_api.data import DEFAULT_AUTHORITY
from qa_api.rules.unchanging import Unchanging


class CannotRun(Exception):
    """The service cannot be run here; the message says why and what to do."""

    @classmethod
    def on(cls, data_dir: Path, fault: OSError) -> Self:
        """A data directory that cannot be used."""
        why = fault.strerror or type(fault).__name__
        return cls(f"{data_dir} cannot be used ({why}); name another directory with --data")


class Place(Unchanging):
    """Where a running development service is, as its data directory tells other commands."""

    pid: int
    url: str
    issuer: str
    key_dir: str
    authority: str = DEFAULT_AUTHORITY
    clock_file: str | None = None
    """What its clock follows, where that is not the machine's."""

    @classmethod
    def find(cls, data_dir: Path) -> Self | None:
        """The service that runs on a data directory, if one does.

        Raises CannotRun where the directory cannot be looked into.
        """
        try:
            place = cls(**json.loads(state_file(data_dir).read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None
        except OSError as fault:
            raise CannotRun.on(data_dir, fault) from None
        try:
            os.kill(place.pid, 0)
        except ProcessLookupError:
            return None
        except PermissionError:
            pass  # it runs, as somebody else
        return place


def state_file(data_dir: Path) -> Path:
    """The file in a data directory that says where its service is."""
    return data_dir / "dev-run.json"
