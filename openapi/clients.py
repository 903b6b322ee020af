"""Generate clients from the contract with the usual generators, compile them, and import them.

The tools are installed at these versions into `.node/clients/`, which is not committed. A client is
generated anew each time; a row of the table says for each how many files it has and how it went.
Those in C# and Java are generated, where a `java` is there, and not compiled.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from node_tools import install

OPENAPI = Path(__file__).resolve().parent
CONTRACT = OPENAPI / "openapi.client.json"
PLACE = OPENAPI.parent / ".node" / "clients"
MODULES = PLACE / "node_modules"
VENV = PLACE / "venv"
STAMP = PLACE / "installed-python"

OF_NPM = (
    "@hey-api/openapi-ts@0.95.0",
    "orval@7.13.2",
    "openapi-typescript@7.13.0",
    "typescript@5.9.3",
)
OF_PYPI = ("openapi-python-client==0.29.1", "mypy==2.4.1", "openapi-generator-cli==7.26.0")

GENERATE: dict[str, list[str | Path]] = {
    "hey-api": [
        *(MODULES / ".bin" / "openapi-ts", "-i", CONTRACT, "-o", "hey-api/src"),
        *("-c", "@hey-api/client-fetch"),
    ],
    "orval": [MODULES / ".bin" / "orval", "--config", "orval.config.cjs"],
    "openapi-typescript": [
        *(MODULES / ".bin" / "openapi-typescript", CONTRACT, "-o", "openapi-typescript/src.ts"),
    ],
    "openapi-python-client": [
        *(VENV / "bin" / "openapi-python-client", "generate", "--path", CONTRACT),
        *("--output-path", "openapi-python-client/qa_client", "--meta", "none", "--overwrite"),
    ],
}
PYTHON = "openapi-python-client"
SOURCES = (".ts", ".py", ".cs", ".java")
BY_JAVA = ("csharp", "java")
"""Languages of openapi-generator, whose clients are generated and not compiled."""
ORVAL = f"""module.exports = {{ qa: {{
  input: '{CONTRACT}',
  output: {{ target: 'orval/src/qa.ts', client: 'fetch', mode: 'single' }},
}} }};
"""
STRICT = """{
  "compilerOptions": {
    "strict": true, "noEmit": true, "skipLibCheck": true, "target": "es2022", "module": "esnext",
    "moduleResolution": "bundler", "lib": ["es2022", "dom", "dom.iterable"], "types": []
  },
  "include": ["./**/*.ts"]
}
"""
# Every module of the Python client, by its name: each must import.
IMPORT_ALL = """
import importlib, pkgutil, qa_client
for module in pkgutil.walk_packages(qa_client.__path__, "qa_client."):
    importlib.import_module(module.name)
"""


def main() -> int:
    """Generate and compile each client; how many failed is the exit status."""
    install(PLACE, OF_NPM)
    install_python()
    (PLACE / "orval.config.cjs").write_text(ORVAL)
    tell(f"{'generator':<24}{'files':>6}{'seconds':>9}  result")
    return sum(not made(name, command) for name, command in {**GENERATE, **by_java()}.items())


def made(name: str, command: list[str | Path]) -> bool:
    """Whether a client could be made; a row of the table says how it went."""
    shutil.rmtree(PLACE / name, ignore_errors=True)
    (PLACE / name).mkdir()
    begun = time.monotonic()
    fault = next(filter(None, (run(step) for step in (command, *compiling(name)))), None)
    files = sum(1 for file in (PLACE / name).rglob("*") if file.suffix in SOURCES)
    result = "generated" if name in BY_JAVA else "generated, compiled strictly"
    result += ", imported" if name == PYTHON else ""
    tell(f"{name:<24}{files:>6}{time.monotonic() - begun:>9.0f}  {fault or result}")
    return fault is None and files > 0


def by_java() -> dict[str, list[str | Path]]:
    """The commands of openapi-generator, a program for Java that a package of PyPI holds."""
    java = shutil.which("java")
    if java is None:
        tell("C# and Java are left out: there is no java here.")
        return {}
    (program,) = VENV.glob("lib/python*/site-packages/openapi_generator_cli/*.jar")
    start = [java, "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-jar", program]
    return {name: [*start, "generate", "-g", name, "-i", CONTRACT, "-o", name] for name in BY_JAVA}


def compiling(name: str) -> list[list[str | Path]]:
    """What shows that a generated client is one: it compiles strictly, and Python's is imported."""
    if name in BY_JAVA:
        return []
    if name != PYTHON:
        (PLACE / name / "tsconfig.json").write_text(STRICT)
        return [[MODULES / ".bin" / "tsc", "-p", name]]
    python = VENV / "bin" / "python"
    return [
        [python, "-m", "mypy", "--strict", "--no-incremental", f"{name}/qa_client"],
        [python, "-c", IMPORT_ALL],
    ]


def tell(row: str) -> None:
    """A row of the table, as soon as it is known."""
    sys.stdout.write(f"{row}\n")
    sys.stdout.flush()


def run(command: list[str | Path]) -> str | None:
    """What went wrong, if anything: the end of what the tool said."""
    ended = subprocess.run(
        command,
        cwd=PLACE,
        env=os.environ | {"PYTHONPATH": str(PLACE / PYTHON), "DO_NOT_TRACK": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return None if ended.returncode == 0 else f"FAILED\n{ended.stdout[-2_000:]}"


def install_python() -> None:
    """Bring the environment of Python's generators to exactly these; instant when it already is."""
    wanted = "\n".join(OF_PYPI)
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    for command in (
        [sys.executable, "-m", "venv", "--clear", VENV],
        [VENV / "bin" / "python", "-m", "pip", "install", "-qqq", *OF_PYPI],
    ):
        if subprocess.call(command) != 0:
            sys.exit("The generators of clients could not be installed.")
    STAMP.write_text(wanted)


if __name__ == "__main__":
    sys.exit(main())
