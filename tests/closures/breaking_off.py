"""Breaking off a command that takes events in pieces, while it takes them."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any, Final

from tests.closures.orders import NOW
from tests.test_main import until

# Also where whoever runs the tests ignores Ctrl-C, as a shell does for what is in the background.
_COMMAND: Final = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
    " from qa_api.__main__ import main; sys.exit(main())"
)
_AS_LONG: Final = "from qa_api.commands import loading; loading.LONG = 1; "
_STOPPED: Final = (
    "qa-api: stopped by Ctrl-C: what was taken is kept;"
    " start again with the same files, and it goes on"
)


def take_as_long(words: list[str], before: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command as for a long file: other processes work out what comes next."""
    command = [sys.executable, "-c", before + _AS_LONG + _COMMAND, *words]
    return subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)


def _environment() -> dict[str, str]:
    return {**os.environ, "QA_ENVIRONMENT": "development", "QA_CLOCK": NOW}


def break_off(words: list[str], is_taking: Callable[[], Any], how: signal.Signals) -> None:
    """Run a command and end it by a signal once it takes events; Ctrl-C ends it in order.

    It has processes of its own, which end with it: until then what it says has no end.
    """
    command = [sys.executable, "-c", _AS_LONG + _COMMAND, *words]
    env = _environment()
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as loading:
        until(is_taking)
        loading.send_signal(how)
        _, said = loading.communicate()
    if how == signal.SIGINT:
        assert [line for line in said.splitlines() if " events, " not in line] == [_STOPPED]
        assert loading.returncode == 130
    else:
        assert loading.returncode == -how
