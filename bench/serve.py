"""`python -m bench.serve NAME PORT`: one process of one of the two that we are measured beside."""

import os
import sys
from importlib import import_module
from typing import Any

import uvicorn


def application(name: str) -> Any:
    """The application by its name. Each process imports only its own: memory is measured too."""
    return import_module(f"bench.{name}").create_app(os.environ["QA_MIGRATE_URL"])


if __name__ == "__main__":
    uvicorn.run(
        application(sys.argv[1]),
        port=int(sys.argv[2]),
        http="httptools",
        loop="uvloop",
        access_log=False,
        log_level="warning",
        timeout_keep_alive=60,
    )
