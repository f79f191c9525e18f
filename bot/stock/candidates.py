"""Which medicines may stand in for a short one: the catalogue's ladder and the centre's links, for many cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.catalogue import preparation as catalogued
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.forms import RELEASES
from bot.stock.domino import Candidate, Link, Preparation, Rung, candidates
from storage import candidates as stored
from storage import cases as stored_cases
from storage.tables import CandidateLink, ShortageCase


class CandidateReading:
    """Finds candidates. What the catalogue does not know of a preparation is not said of it."""

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        self._catalogue = catalogue

    async def of_cases(self, session: AsyncSession, cases: Sequence[ShortageCase]) -> dict[str, list[Candidate]]:
        """Case number → its candidates, by two statements."""
        return await self._of(session, {case.number: (case.preparation_key, case.name, case.atc) for case in cases})

    async def of_preparation(self, session: AsyncSession, key: str, name: str, atc: str | None) -> list[Candidate]:
        """What may stand in for a preparation that has no case, by two statements."""
        return (await self._of(session, {key: (key, name, atc)}))[key]

    async def _of(
        self, session: AsyncSession, short: Mapping[str, tuple[str, str, str | None]]
    ) -> dict[str, list[Candidate]]:
        wanted = {key for key, _, _ in short.values()}
        links = await self.links(session, wanted)
        near = {key: self._relatives(key) for key in wanted}
        keys = {one.key for them in near.values() for one in them}
        keys |= {link.candidate.key for them in links.values() for link in them}
        whole = {key: f"{key.partition('|')[0]}|" for key in keys}
        open_keys = await stored_cases.open_numbers(session, {*keys, *whole.values()})
        missing = {key for key in keys if key in open_keys or whole[key] in open_keys}
        return {
            place: candidates(self.described(key, name, atc), near[key], links.get(key, ()), missing)
            for place, (key, name, atc) in short.items()
        }

    async def links(self, session: AsyncSession, short_keys: Iterable[str]) -> dict[str, list[Link]]:
        """Preparation key → the links that the centre has set from it."""
        found: dict[str, list[Link]] = defaultdict(list)
        for row in await stored.links(session, short_keys):
            found[row.short_key].append(self._link(row))
        return found

    def described(self, key: str, name: str, atc: str | None) -> Preparation:
        """The preparation with this key as the ladder sees it; one that is not in the catalogue has only its name."""
        same = self._catalogue().same_preparation(key)
        return _on_the_ladder(same) if same else Preparation(key, name, None, atc)

    def _relatives(self, key: str) -> tuple[Preparation, ...]:
        """The other strengths and forms of its substance, and its exchange group; none where the whole is short."""
        catalogue = self._catalogue()
        if not catalogue.same_preparation(key):
            return ()
        near = dict.fromkeys(one.key for one in (*catalogue.same_substance(key), *catalogue.same_exchange_group(key)))
        return tuple(_on_the_ladder(catalogue.same_preparation(one)) for one in near)

    def _link(self, row: CandidateLink) -> Link:
        candidate = self.described(row.candidate_key, row.name, row.atc)
        return Link(
            row.short_key,
            Preparation(
                row.candidate_key,
                row.name,
                candidate.substance,
                candidate.atc,
                candidate.route,
                candidate.release,
                candidate.strength,
                candidate.exchange_group,
            ),
            Rung(row.rung),
            use=row.use,
            share=row.share,
            ratio=row.ratio,
            signed_by=row.signed_by,
            signed_on=row.signed_on,
            id=row.id,
        )


def _on_the_ladder(same: Sequence[catalogued.Preparation]) -> Preparation:
    """Brands of one preparation as one; where they have one exchange group, under the name of a brand in it."""
    groups = {one.exchange_group for one in same} - {None}
    group = groups.pop() if len(groups) == 1 else None
    one = next(brand for brand in same if group is None or brand.exchange_group == group)
    return Preparation(
        key=one.key,
        name=one.name,
        substance=one.substance_key,
        atc=one.atc,
        route=one.route,
        release=" ".join(sorted(one.traits & RELEASES)) or "plain",
        strength=one.amounts.canonical,
        exchange_group=group,
    )
