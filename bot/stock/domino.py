"""What another shortage can pull down, and what may stand in for a short medicine.

Candidates, never promises.

The ladder is DMP's own order. Below its first rung nothing is called a substitute before a pharmacist has
signed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import IntEnum

from bot.messages.phrase import Phrase, phrase


class Rung(IntEnum):
    """How near a candidate stands, nearest first."""

    EXCHANGE_GROUP = 1
    EQUIVALENT = 2
    FOREIGN_PACK = 3
    OTHER_STRENGTH = 4
    OTHER_FORM = 5
    OTHER_SUBSTANCE = 6

    @property
    def words(self) -> Phrase:
        """The rung as people read it."""
        return _RUNG_WORDS[self]


_RUNG_WORDS = {
    Rung.EXCHANGE_GROUP: phrase("samme byttegruppe"),
    Rung.EQUIVALENT: phrase("tilsvarende"),
    Rung.FOREIGN_PACK: phrase("utenlandsk pakning"),
    Rung.OTHER_STRENGTH: phrase("annen styrke"),
    Rung.OTHER_FORM: phrase("annen form"),
    Rung.OTHER_SUBSTANCE: phrase("annet virkestoff"),
}


@dataclass(frozen=True, slots=True)
class Preparation:
    """What the ladder looks at. `route` and `release` (depot, plain …) tell forms apart; `None` is unknown."""

    key: str
    name: str
    substance: str | None
    atc: str | None
    route: str | None = None
    release: str | None = None
    strength: str | None = None
    exchange_group: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A candidate that the centre has named for a medicine.

    `use` says for what («antidot»), if not for everything.
    """

    short_key: str
    candidate_key: str
    rung: Rung
    signed: bool = False
    use: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that might replace a short medicine, on its rung.

    `short` means that it is itself in an open case.
    """

    preparation: Preparation
    rung: Rung
    signed: bool
    short: bool
    use: str | None = None

    @property
    def words(self) -> Phrase:
        """How it may be spoken of.

        Never as a substitute before it is signed, never without saying that it is short.
        """
        if self.signed:
            standing = phrase("vurdert av farmasøyt")
        elif self.rung is Rung.EXCHANGE_GROUP:
            standing = _RUNG_WORDS[self.rung]
        else:
            standing = phrase("Kandidat – ikke vurdert")
        if self.short:
            return phrase("{name}: {standing}; mangler selv", name=self.preparation.name, standing=standing)
        return phrase("{name}: {standing}", name=self.preparation.name, standing=standing)


def candidates(
    short: Preparation,
    catalogue: Iterable[Preparation],
    links: Iterable[Link] = (),
    short_keys: Collection[str] = (),
) -> list[Candidate]:
    """What may stand in for `short`, nearest rung first, those that are not themselves short before those
    that are.

    Another substance is a candidate only through a link: a shared ATC group says nothing of what replaces
    what.
    """
    known = {preparation.key: preparation for preparation in catalogue if preparation.key != short.key}
    found = {
        key: Candidate(preparation, rung, signed=False, short=key in short_keys)
        for key, preparation in known.items()
        if (rung := _rung(short, preparation)) is not None
    }
    for link in links:
        if link.short_key == short.key and link.candidate_key in known:
            found[link.candidate_key] = Candidate(
                known[link.candidate_key], link.rung, link.signed, link.candidate_key in short_keys, link.use
            )
    return sorted(found.values(), key=lambda one: (one.rung, one.short, one.preparation.name))


def _rung(short: Preparation, other: Preparation) -> Rung | None:
    if short.exchange_group is not None and short.exchange_group == other.exchange_group:
        return Rung.EXCHANGE_GROUP
    if short.substance is None or short.substance != other.substance:
        return None
    same_form = None not in (short.route, other.route) and short.route == other.route and short.release == other.release
    if not same_form:
        return Rung.OTHER_FORM
    return Rung.EQUIVALENT if short.strength == other.strength else Rung.OTHER_STRENGTH


def watched(short: Preparation, catalogue: Iterable[Preparation], links: Iterable[Link] = ()) -> list[Preparation]:
    """What a shortage of `short` may pull down: its candidates, and its relatives on ATC level 4."""
    catalogue = list(catalogue)
    near = {candidate.preparation.key for candidate in candidates(short, catalogue, links)}
    group = short.atc[:5] if short.atc and len(short.atc) >= 5 else None
    return [
        other
        for other in catalogue
        if other.key != short.key and (other.key in near or (group is not None and (other.atc or "").startswith(group)))
    ]


@dataclass(frozen=True, slots=True)
class Relative:
    """A watched medicine's figures.

    Expected and present use a day, usable stock, and days until the shortage ends.

    `share` (0-1) of the short medicine's use is supposed to come here at `ratio` of its units; both are set
    by a person, `None` where nobody has. `days_needed` is `None` where the end is unknown.
    """

    name: str
    expected_daily: float | None
    present_daily: float | None
    stock: float | None
    days_needed: int | None
    share: float | None = None
    ratio: float | None = None


RISEN = 1.3  # present use this many times the expected is more than a line's usual unrest


def domino(short_name: str, lost_daily: float | None, relative: Relative) -> Phrase | None:
    """*Mulig dominoeffekt*, when a relative's draw rises or its stock cannot bear its stated share.

    Else `None`.

    Without a share and a ratio that a person has set, only the draw itself is looked at: nothing is moved.
    """
    expected, present = relative.expected_daily, relative.present_daily
    if expected and present is not None and present >= RISEN * expected:
        return phrase(
            "Mulig dominoeffekt: uttaket av {name} er {percent} % over det vanlige etter mangelen på {short}.",
            name=relative.name,
            percent=round((present / expected - 1) * 100),
            short=short_name,
        )
    if None in (relative.share, relative.ratio, lost_daily, expected, relative.stock, relative.days_needed):
        return None
    moved = (lost_daily or 0) * (relative.share or 0) * (relative.ratio or 0)
    daily = (expected or 0) + moved
    days = (relative.stock or 0) / daily if daily > 0 else float("inf")
    if days >= (relative.days_needed or 0):
        return None
    return phrase(
        "Mulig dominoeffekt: tar {name} over {percent} % av forbruket av {short}, rekker lageret i ca. {days} dager.",
        name=relative.name,
        percent=round((relative.share or 0) * 100),
        short=short_name,
        days=int(days),
    )
