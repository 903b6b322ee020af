"""Running what an authority runs: the API, the worker, migrations, and the contract's file."""

import asyncio
import gc
import logging
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from qa_api.commands.common import NO_OWNER, refuse, settings_of_process

if TYPE_CHECKING:
    from qa_api.settings import Settings

log = logging.getLogger(__name__)

GARBAGE_IS_SOUGHT_AFTER = 10_000
"""How many objects more than before are alive when the youngest are looked through."""


def serve(asked: Namespace) -> int:
    """Serve the API, by one process or several, and the worker beside it where that is wanted."""
    settings = settings_of_process()
    if missing := settings.missing_to_serve():
        return refuse("a production API needs " + " and ".join(missing))
    if asked.processes > 1 or asked.with_worker:
        return _serve_several(asked, settings)
    with _loading():
        from qa_api.serve import serve_api

    _see_places(settings)
    serve_api(settings, asked.fd)
    return 0


def _serve_several(asked: Namespace, settings: "Settings") -> int:
    from qa_api.serve_several import AddressTaken, serve_several

    _see_places(settings)
    try:
        return serve_several(settings, asked.processes, log.warning, worker=asked.with_worker)
    except AddressTaken as taken:
        return refuse(str(taken))


def _see_places(settings: "Settings") -> None:
    """See that what the settings name are places. Raises MeansNothing and MalformedTarget."""
    from qa_api.db import servers_of
    from qa_api.webhooks.targets import Targets

    servers_of(settings)
    Targets.read(settings.webhook_targets)


@contextmanager
def _loading() -> Iterator[None]:
    """Load modules without what costs time at a start and is of no use to it.

    They leave no garbage, so none is looked for. And no model builds its validator, those of the
    libraries included: it is made when it is first needed, if ever.
    """
    gc.disable()
    from pydantic import BaseModel

    BaseModel.model_config["defer_build"] = True
    try:
        yield
    finally:
        del BaseModel.model_config["defer_build"]
        gc.freeze()
        # What is served leaves few cycles and makes many objects: of 700 hardly any may go.
        gc.set_threshold(GARBAGE_IS_SOUGHT_AFTER, 20, 50)
        gc.enable()


def worker(_: Namespace) -> int:
    """Deliver events and look for what fell due."""
    with _loading():
        from qa_api.db import UnsafeDatabaseRole
        from qa_api.names import PlainLoop
        from qa_api.worker.running import run_worker

    try:
        with asyncio.Runner(loop_factory=PlainLoop) as runner:
            runner.run(run_worker(settings_of_process()))
    except UnsafeDatabaseRole as unsafe:
        return refuse(str(unsafe))
    return 0


def migrate(_: Namespace) -> int:
    """Bring the database to the newest revision, as its owner."""
    from qa_api.migrate import upgrade

    url = settings_of_process().migrate_url
    if url is None:
        return refuse(NO_OWNER)
    from qa_api.db import reach

    asyncio.run(reach("QA_MIGRATE_URL", url))
    upgrade(url.get_secret_value())
    return 0


def matrix(asked: Namespace) -> int:
    """Write who may see what as a page, or with --check only see whether it still says so."""
    from qa_api.auth.matrix.printing import PAGE, write_page

    differs = write_page(asked.out, check=asked.check)
    if asked.check and differs:
        return refuse(f"not what the code says: {PAGE}; run `qa-api matrix`")
    print(f"{asked.out / PAGE}: {'written' if differs else 'as it was'}")
    return 0


def promises(asked: Namespace) -> int:
    """See whether the contract keeps what the releases promised, but for what has a reason."""
    from qa_api.app import contract
    from qa_api.http.promises.page import REASONS, broken

    told = broken(contract(), asked.out, _today())
    for fault in told:
        print(fault)
    return refuse(f"keep it, or say why in {asked.out / REASONS}") if told else 0


def _today() -> date:
    from qa_api import clock
    from qa_api.rules.local_time import local_date

    return local_date(clock.now())


def openapi(asked: Namespace) -> int:
    """Write the contract, its examples and what changed, or with --check only compare."""
    from qa_api.app import contract
    from qa_api.commands.payloads import write_payloads
    from qa_api.http.collection import write_collection
    from qa_api.http.openapi import write_contract
    from qa_api.http.promises.page import write_page
    from qa_api.http.promises.shapes import keep, shape_of
    from qa_api.scim.contract import build

    document = contract()
    if asked.release:
        print(f"{keep(shape_of(document), asked.out)}: kept for ever")
    scim = build(document["info"]["version"])
    differing = write_contract(document, scim, asked.out, check=asked.check)
    differing += write_page(document, asked.out, _today(), check=asked.check)
    differing += write_payloads(document, asked.out, check=asked.check)
    differing += write_collection(document, asked.out, check=asked.check)
    if asked.check and differing:
        return refuse(f"not what the code says: {', '.join(differing)}; run `qa-api openapi`")
    print(f"{asked.out}: {', '.join(differing) or 'nothing'} changed")
    return 0
