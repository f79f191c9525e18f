"""Benchmarks: each module with a `run()` prints its figures beside its peers'. `python -m bench [name …]`."""
