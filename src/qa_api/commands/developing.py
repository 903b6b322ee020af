"""Development on one machine: everything at once, a demo, tokens."""

from argparse import Namespace
from datetime import timedelta
from functools import partial
from pathlib import Path

from qa_api.commands.common import refuse, say
from qa_api.dev_place import CannotRun, Place


def token(asked: Namespace) -> int:
    """Print a token for the demo principal that holds a role."""
    from qa_api import clock
    from qa_api.auth.development import DevelopmentIssuer
    from qa_api.demo.people import demo_principals

    try:
        place = Place.find(asked.data)
    except CannotRun as cannot:
        return refuse(str(cannot))
    if place is None:
        return refuse(f"no service runs on {asked.data}; start it with ./dev run")
    # As the service's own clock says, whatever this process was told.
    clock.begin(None, Path(place.clock_file) if place.clock_file else None)
    issuer = DevelopmentIssuer.open(Path(place.key_dir))
    print(issuer.issue(demo_principals(place.authority)[asked.role], ttl=timedelta(hours=12)))
    return 0


def dev_run(asked: Namespace) -> int:
    """Run everything on this machine, with the demo authority."""
    from qa_api import dev_run as development
    from qa_api.data import DEFAULT_AUTHORITY

    try:
        return development.dev_run(
            asked.port, asked.data, say, asked.authority or DEFAULT_AUTHORITY
        )
    except CannotRun as cannot:
        return refuse(str(cannot))


def demo(asked: Namespace) -> int:
    """Walk the whole procedure over HTTP, telling each step, on a service of its own."""
    from qa_api import clock
    from qa_api import dev_run as development
    from qa_api.auth.development import DevelopmentIssuer
    from qa_api.children import Stopped, stopped_by_signals
    from qa_api.demo.walk import CHAPTER_NAMES, beginning, walk
    from qa_api.settings import Settings

    if asked.chapter not in (None, *CHAPTER_NAMES):
        return refuse(f"the chapters are {', '.join(CHAPTER_NAMES)}")
    given = Settings(environment="development")
    clock.begin(given.clock, given.clock_file)
    present = clock.now()
    try:
        with stopped_by_signals():
            file = development.make_anew(asked.data)
            clock.turn(file, beginning(present))
            clock.follow(file)
            with development.service(
                asked.port,
                asked.data,
                say,
                clock_file=file.resolve(),
                QA_SWEEP_INTERVAL_SECONDS="1",
                QA_LOG_LEVEL="warning",
            ) as (place, children):
                status = walk(
                    place.url,
                    DevelopmentIssuer.open(Path(place.key_dir)).issue,
                    partial(clock.turn, file),
                    asked.data / "pages",
                    present=present,
                    only=asked.chapter,
                    meanwhile=partial(development.keep_up, children, say),
                )
            print(f"\nTo look around in it: ./dev run --data {asked.data}, then /docs")
            return status
    except CannotRun as cannot:
        return refuse(str(cannot))
    except Stopped:
        return refuse("stopped")
    finally:
        clock.reset()
