"""One service in which everything has been said in marked words, rightly and wrongly, once."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from qa_api import clock
from qa_api.auth.development import DevelopmentIssuer
from qa_api.demo.scenes import CHAPTERS
from qa_api.demo.walk import beginning
from qa_api.dev_run import make_anew, service
from qa_api.webhooks.schemas import SENT_TYPES
from tests.canaries.heard import Heard
from tests.canaries.marking import Marker
from tests.canaries.pages import CALL_EVERYBODY, printed_pages
from tests.canaries.routes import Known, Routes
from tests.canaries.world import TRAPS, Refuser, Telling, World, printed_into, rows_of, tell
from tests.conftest import Database, execute
from tests.drill import SEED, share
from tests.test_main import environment_of

WHOLE = share(1) == 0
"""Whether all is told and asked (`./dev drill canaries`), else a share."""
SHARE = 1 if WHOLE else 50
"""In the suite one in so many of all requests is made, and every body is sent once."""
SWEEP_SECONDS = "1" if WHOLE else "60"
"""The story of the later chapters waits for sweeps; the first one does not, and each costs."""
CHAPTERS_TOLD = len(CHAPTERS) if WHOLE else 1


@pytest.fixture(scope="session")
def world(clone: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory) -> World:
    """What was said, and what was heard of it, when all is over."""
    database, directory = clone(), tmp_path_factory.mktemp("canaries")
    heard, marker, known = Heard(), Marker(), Known()
    present, log = clock.now(), directory / "log"
    file = make_anew(directory / "data")
    clock.turn(file, beginning(present))
    with ExitStack() as stack:
        stack.callback(clock.reset)
        clock.follow(file)
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in environment_of(database).items():
            patch.setenv(name, value)
        execute(database.migrate_url, TRAPS)
        refuser = stack.enter_context(Refuser())
        with printed_into(log):
            place, _ = stack.enter_context(
                service(
                    0,
                    directory / "data",
                    lambda _: None,
                    clock_file=file.resolve(),
                    QA_SWEEP_INTERVAL_SECONDS=SWEEP_SECONDS,
                    QA_LOG_LEVEL="debug",
                )
            )
        execute(database.migrate_url, CALL_EVERYBODY)
        sign = DevelopmentIssuer.open(Path(place.key_dir)).issue
        http = stack.enter_context(httpx.Client(base_url=place.url, timeout=60))
        listen_to_everything(http, sign("admin-1"), refuser.url)
        turn = partial(clock.turn, file)
        telling = Telling(place.url, sign, turn, present, directory / "pages")
        tell(telling, CHAPTERS_TOLD, known, marker, heard)
        Routes(http, sign, known, marker, heard).ask_everything(SHARE, SEED)
        heard.pages = printed_pages(http, sign, known)
        heard.metrics = http.get("/metrics").text
        heard.webhooks += refuser.came
    heard.log = log.read_text()
    if database.log is not None:
        heard.database_log = database.log.read_text(errors="replace")
    heard.rows = rows_of(database.migrate_url)
    return World(heard, marker, database)


def listen_to_everything(http: httpx.Client, token: str, url: str) -> None:
    """Have every event sent to a receiver that refuses it."""
    headers = {"authorization": f"Bearer {token}", "idempotency-key": uuid4().hex}
    body = {"url": url, "event_types": sorted(SENT_TYPES)}
    made = http.post("/v1/webhook-endpoints", json=body, headers=headers)
    assert made.status_code == 201, made.text
