"""What the parts of the bench are asked alike: how many of what, and where the database is kept."""

import argparse
from pathlib import Path


def parser(part: str, says: str | None, **usual: float) -> argparse.ArgumentParser:
    """The command line of a part, with a number for each of these, which are its defaults."""
    options = argparse.ArgumentParser(prog=f"./dev bench {part}".rstrip(), description=says)
    for name, number in usual.items():
        told = f"default: {number:,}"
        options.add_argument(f"--{name}", type=type(number), default=number, metavar="N", help=told)
    options.add_argument("--data", type=Path, metavar="DIR", help="keep the filled database there")
    return options
