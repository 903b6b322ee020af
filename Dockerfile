# The API, the worker and the migrations of one release; which of them runs is the command.
# The base is any Debian with this Python: your own mirror's, or your own build of one.
ARG BASE=python:3.13-slim-bookworm

# --- Build: a virtual environment from hash-pinned packages, and the project's wheel in it ---------
FROM ${BASE} AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore

WORKDIR /build

COPY requirements/build.txt requirements/runtime.txt requirements/
RUN python3 -m venv /build/tools \
    && /build/tools/bin/pip install --require-hashes -r requirements/build.txt \
    && python3 -m venv /opt/qa-api \
    && /opt/qa-api/bin/pip install --require-hashes -r requirements/runtime.txt

COPY pyproject.toml ./
COPY src/ src/
COPY migrations/ migrations/
COPY openapi/openapi.json openapi/
RUN /build/tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && /opt/qa-api/bin/pip install --no-deps dist/*.whl \
    && /opt/qa-api/bin/python -m compileall -q /opt/qa-api/lib \
    && /opt/qa-api/bin/pip uninstall --yes pip

# --- Run: nothing but Python and that environment; no compiler, no pip, no database ---------------
FROM ${BASE}

# The revision that was built, for /version.
ARG REVISION=

ENV PATH=/opt/qa-api/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    QA_HOST=0.0.0.0 \
    QA_PORT=8000 \
    QA_REVISION=${REVISION}

COPY --from=build /opt/qa-api /opt/qa-api

# A number, so that an orchestrator can see that it is not root. Nothing is written to disk: run it
# with a read-only root file system and without capabilities.
USER 10001:10001
WORKDIR /opt/qa-api

EXPOSE 8000
STOPSIGNAL SIGTERM

# Alive, not ready: a container must not be restarted because the database is away. The worker
# answers no requests; run it with --no-healthcheck.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python3", "-c", "import os, sys; from http.client import HTTPConnection; c = HTTPConnection('127.0.0.1', int(os.environ['QA_PORT']), timeout=2); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]

ENTRYPOINT ["qa-api"]
CMD ["serve"]
