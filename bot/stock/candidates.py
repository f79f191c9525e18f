"""Which medicines may stand in for a short one: the catalogue's ladder and the centre's links, for many cases."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.assessments import Content, State
from bot.catalogue import preparation as catalogued
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.forms import RELEASES
from bot.clock import oslo
from bot.stock.domino import Candidate, Link, Preparation, Rung, candidates
from storage import assessments as stored_assessments
from storage import candidates as stored
from storage import cases as stored_cases
from storage.tables import CandidateLink, ShortageCase, SubstituteAssessment


class CandidateReading:
    """Finds candidates. What the catalogue does not know of a preparation is not said of it."""

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        self._catalogue = catalogue

    async def of_cases(
        self, session: AsyncSession, cases: Sequence[ShortageCase], as_of: dt.date
    ) -> dict[str, list[Candidate]]:
        """Case number → its candidates as they stand on `as_of`, by three statements."""
        short = {case.number: (case.preparation_key, case.name, case.atc) for case in cases}
        return await self._of(session, short, as_of)

    async def of_preparation(
        self, session: AsyncSession, key: str, name: str, atc: str | None, as_of: dt.date
    ) -> list[Candidate]:
        """What may stand in for a preparation that has no case, by three statements."""
        return (await self._of(session, {key: (key, name, atc)}, as_of))[key]

    async def _of(
        self, session: AsyncSession, short: Mapping[str, tuple[str, str, str | None]], as_of: dt.date
    ) -> dict[str, list[Candidate]]:
        wanted = {key for key, _, _ in short.values()}
        links = await self.links(session, wanted, as_of)
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

    async def links(self, session: AsyncSession, short_keys: Iterable[str], as_of: dt.date) -> dict[str, list[Link]]:
        """Preparation key → the links that the centre has set from it, with what is signed of them on `as_of`."""
        found: dict[str, list[Link]] = defaultdict(list)
        rows = await stored.links(session, short_keys)
        signed = await stored_assessments.of_preparations(session, {row.short_key for row in rows}, [State.SIGNED])
        by_pair = {(one.short_key, one.candidate_key): one for one in signed}
        for row in rows:
            link = self._link(row)
            assessed = by_pair.get((row.short_key, row.candidate_key))
            found[row.short_key].append(_assessed(link, assessed, as_of) if assessed else link)
        return found

    def described(self, key: str, name: str, atc: str | None) -> Preparation:
        """The preparation with this key as the ladder sees it; one that is not in the catalogue has only its name."""
        same = self._catalogue().same_preparation(key)
        return _on_the_ladder(same) if same else Preparation(key, name, None, atc)

    def form_and_strength(self, key: str) -> tuple[str | None, str | None]:
        """What the catalogue's name says of a preparation's form and strength; None for what it does not."""
        same = self._catalogue().same_preparation(key)
        return (same[0].form or None, same[0].strength or None) if same else (None, None)

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
            id=row.id,
        )


def _assessed(link: Link, signed: SubstituteAssessment, as_of: dt.date) -> Link:
    """The link with its signature, or with the day on which that went out of date."""
    if signed.valid_until is not None and signed.valid_until < as_of:
        return replace(link, expired_on=signed.valid_until)
    return replace(
        link,
        signed_by=signed.signed_as,
        signed_on=oslo(signed.signed_at).date() if signed.signed_at else None,
        valid_until=signed.valid_until,
        says=Content.from_json(signed.content).summary,
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
