"""What a register's new file says beside the last one: added, changed, gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """Ids in the file's order; `before` is how many were in use. One that came back is `added`."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    before: int

    @property
    def touched(self) -> int:
        """How many are new or different."""
        return len(self.added) + len(self.changed)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.gone)


def difference(known: Mapping[str, tuple[str, bool]], found: Mapping[str, str]) -> Difference:
    """Compare by digest. `known`: id → digest and whether it is in use; `found`: id → digest."""
    in_use = {id: digest for id, (digest, there) in known.items() if there}
    return Difference(
        added=tuple(id for id in found if id not in in_use),
        changed=tuple(id for id, digest in found.items() if id in in_use and in_use[id] != digest),
        gone=tuple(id for id in in_use if id not in found),
        before=len(in_use),
    )
