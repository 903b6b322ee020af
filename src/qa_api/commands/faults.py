"""What a command says of a fault that its settings or its database are to blame for."""

import errno
import os
import sys
from typing import Final

_NO_PLACE: Final = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EPIPE)


def said_nowhere(fault: Exception) -> str | None:
    """The fault in one line if what a command says or writes finds no place; None for any other.

    Nothing more is said then on standard output, whose rest would fail again at the end.
    """
    if not isinstance(fault, OSError) or fault.errno not in _NO_PLACE:
        return None
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return f"its output cannot be written: {fault.strerror}; what was done until then is kept"


def in_one_line(fault: Exception) -> str | None:
    """The fault in one line if the settings or the database are at fault; None for any other."""
    from qa_api.db import said_plainly

    if (wrong := _wrong_setting(fault)) is not None:
        return f"the settings are not right: {wrong}"
    migrating = sys.modules.get("qa_api.migrate")  # loading it would log lines of its own
    if migrating is not None and isinstance(fault, migrating.MigrationBusy):
        return f"{fault}: run it again when that is done"
    return said_plainly(fault)


def _wrong_setting(fault: Exception) -> str | None:
    """What is wrong with the settings, none of whose values it repeats; None if nothing is."""
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from qa_api.servers import MeansNothing
    from qa_api.webhooks.targets import MalformedTarget
    from qa_api.worker.notes import KeyMalformed

    if isinstance(fault, MalformedTarget):
        return f"QA_WEBHOOK_TARGETS: {fault}"
    if isinstance(fault, KeyMalformed | MeansNothing | SettingsError):
        return str(fault)
    if isinstance(fault, ValidationError) and fault.title == "Settings":
        wrong = fault.errors(include_input=False, include_url=False)
        named = (
            f"{'QA_' if e['loc'] else ''}{'_'.join(map(str, e['loc'])).upper()}" for e in wrong
        )
        said = (f"{name}: {e['msg']}".lstrip(": ") for name, e in zip(named, wrong, strict=True))
        return "; ".join(said)
    return None
