"""Run the benchmarks named on the command line, or all but those that take an hour."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import bench


def benchmarks() -> list[str]:
    """The names of the modules of this package that have a `run()`."""
    found = []
    for module in pkgutil.iter_modules(bench.__path__):
        if not module.name.startswith("_") and hasattr(importlib.import_module(f"bench.{module.name}"), "run"):
            found.append(module.name)
    return found


def main(names: list[str]) -> int:
    """Run the benchmarks; 2 for a name that is none."""
    known = benchmarks()
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"No benchmark called {', '.join(unknown)}; there are {', '.join(known)}.", file=sys.stderr)
        return 2
    for name in names or [one for one in known if not hasattr(importlib.import_module(f"bench.{one}"), "ONLY_BY_NAME")]:
        importlib.import_module(f"bench.{name}").run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
