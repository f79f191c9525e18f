"""What another shortage can pull down, and what may stand in for a short medicine.

Candidates, never promises.

The ladder is DMP's own order. Below its first rung nothing is called a substitute before a pharmacist has
signed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bot.cases.vocabulary import Worded
from bot.messages.phrase import Phrase, phrase
from bot.messages.words import BOKMAAL, Days


class Rung(Worded):
    """How near a candidate stands, nearest first."""

    EXCHANGE_GROUP = "exchange_group", phrase("samme byttegruppe")
    EQUIVALENT = "equivalent", phrase("tilsvarende")
    FOREIGN_PACK = "foreign_pack", phrase("utenlandsk pakning")
    OTHER_STRENGTH = "other_strength", phrase("annen styrke")
    OTHER_FORM = "other_form", phrase("annen form")
    OTHER_SUBSTANCE = "other_substance", phrase("annet virkestoff")

    @property
    def place(self) -> int:
        """Its place on the ladder, 1 for the nearest."""
        return list(Rung).index(self) + 1


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

    `use` says for what («antidot»), if not for everything. `share` (0-1) of the short medicine's use is
    supposed to come to the candidate, at `ratio` of its units for one of the short medicine's; a person sets
    both or neither. `signed_by` is the name of the pharmacist or physician whose signed assessment holds; `None`:
    nobody's does, and `expired_on` is then the last day of one that did. `says` is what the wards need to know of it.
    """

    short_key: str
    candidate: Preparation
    rung: Rung
    use: str | None = None
    share: float | None = None
    ratio: float | None = None
    signed_by: str | None = None
    signed_on: dt.date | None = None
    id: int | None = None
    valid_until: dt.date | None = None
    expired_on: dt.date | None = None
    says: tuple[Phrase, ...] = ()

    @property
    def replaces(self) -> bool:
        """Whether its stock counts as the short medicine's: signed, for every use, in units that can be turned."""
        return self.signed_by is not None and self.use is None and self.ratio is not None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that might replace a short medicine, on its rung.

    `short` means that it is itself in an open case; `link` is there where the centre has named it.
    """

    preparation: Preparation
    rung: Rung
    short: bool
    link: Link | None = None

    @property
    def signed(self) -> bool:
        """Whether a pharmacist has assessed it."""
        return self.link is not None and self.link.signed_by is not None

    @property
    def standing(self) -> Phrase:
        """What it may be called: never a substitute before it is signed."""
        link = self.link
        if link is not None and link.signed_by is not None:
            said = phrase("vurdert av {who} {on}", who=link.signed_by, on=link.signed_on)
            return (
                phrase("{said}, gjelder til {until}", said=said, until=link.valid_until) if link.valid_until else said
            )
        if link is not None and link.expired_on is not None:
            return phrase("Kandidat – vurderingen gikk ut {on}", on=link.expired_on)
        if self.rung is Rung.EXCHANGE_GROUP:
            return phrase("Byttbar i apotek")
        return phrase("Kandidat – ikke vurdert")

    @property
    def words(self) -> Phrase:
        """How it may be spoken of; never without saying that it is itself short."""
        said = phrase("{name}: {standing}", name=self.preparation.name, standing=self.standing)
        return phrase("{said} ({how})", said=said, how=self.how)

    @property
    def how(self) -> Phrase:
        """Its rung, what it is for, and whether it is short: what stands behind the name."""
        said = self.rung.words
        if self.link is not None and self.link.use:
            said = phrase("{said}, til {use}", said=said, use=self.link.use)
        return phrase("{said}; mangler selv", said=said) if self.short else said


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
    found = {
        other.key: Candidate(other, rung, short=other.key in short_keys)
        for other in catalogue
        if other.key != short.key and (rung := rung_of(short, other)) is not None
    }
    for link in links:
        key = link.candidate.key
        if link.short_key == short.key and key != short.key:
            found[key] = Candidate(link.candidate, link.rung, key in short_keys, link)
    return sorted(found.values(), key=lambda one: (one.rung.place, one.link is None, one.short, one.preparation.name))


def foremost(found: Sequence[Candidate], most: int) -> tuple[Candidate, ...]:
    """Those to show where there is little room, in the ladder's order: what the centre has named, then the nearest."""
    first = sorted(range(len(found)), key=lambda place: (found[place].link is None, place))[:most]
    return tuple(found[place] for place in sorted(first))


def by_standing(found: Iterable[Candidate]) -> list[tuple[Phrase, list[Candidate]]]:
    """Those of the same standing together, in the order in which each standing first comes."""
    groups: dict[str, tuple[Phrase, list[Candidate]]] = {}
    for one in found:
        groups.setdefault(BOKMAAL.say(one.standing), (one.standing, []))[1].append(one)
    return list(groups.values())


def rung_of(short: Preparation, other: Preparation) -> Rung | None:
    """Where `other` stands by what is known of both; None where it is another substance, or nobody knows."""
    if short.exchange_group is not None and short.exchange_group == other.exchange_group:
        return Rung.EXCHANGE_GROUP
    if short.substance is None or short.substance != other.substance:
        return None
    same_form = None not in (short.route, other.route) and short.route == other.route and short.release == other.release
    if not same_form:
        return Rung.OTHER_FORM
    return Rung.EQUIVALENT if short.strength == other.strength else Rung.OTHER_STRENGTH


def watched(short: Preparation, stocked: Iterable[Preparation], links: Iterable[Link] = ()) -> list[Preparation]:
    """What a shortage of `short` may pull down: its candidates, and its relatives on ATC level 4."""
    stocked = list(stocked)
    near = {candidate.preparation.key for candidate in candidates(short, stocked, links)}
    group = short.atc[:5] if short.atc and len(short.atc) >= 5 else None
    return [
        other
        for other in stocked
        if other.key != short.key and (other.key in near or (group is not None and (other.atc or "").startswith(group)))
    ]


LEAST_DAYS = 5
"""Days between two counts before their difference says how much is drawn a day."""

RISEN, CALM = 1.3, 1.15
"""A draw this many times the expected has risen (more than a line's usual unrest), and has calmed again."""

BEARS_AGAIN = 1.1
"""A stock that lasts this many times the days needed bears its share again."""


def drawn_daily(
    counts: Sequence[tuple[dt.date, float]], uses: Sequence[tuple[dt.date, dt.date, float]], *, since: dt.date
) -> float | None:
    """Units a day drawn since about `since`: by the fall between two counts, or by recorded use, the higher.

    `counts` are (day, units) by day; `uses` are (first, last, units). A delivery between two counts hides some of
    what was drawn and invents nothing. None where neither tells.
    """
    found = []
    if counts:
        latest, left = counts[-1]
        before = [(day, quantity) for day, quantity in counts if (latest - day).days >= LEAST_DAYS]
        if before and before[-1][0] >= since - dt.timedelta(7) and latest > since:
            day, quantity = before[-1]
            if quantity >= left:
                found.append((quantity - left) / (latest - day).days)
    recent = [
        quantity / ((last - first).days + 1)
        for first, last, quantity in uses
        if first >= since - dt.timedelta(14) and (last - since).days >= LEAST_DAYS - 1
    ]
    return max([*found, *recent[-1:]], default=None)


@dataclass(frozen=True, slots=True)
class Relative:
    """A watched medicine's figures: expected and present use a day, in its own units.

    `share` (0-1) of the short medicine's use is supposed to come here; its stock then lasts `lasts_days`, and
    `days_needed` are wanted. Only a person sets a share; None where nobody has, or a figure is not known.
    """

    name: str
    expected_daily: float | None = None
    present_daily: float | None = None
    share: float | None = None
    lasts_days: int | None = None
    days_needed: int | None = None


class Effect(Worded):
    """Why a domino effect is possible."""

    RISEN = "risen", phrase("uttaket har steget")
    CANNOT_BEAR = "cannot_bear", phrase("lageret tåler ikke sin del")


@dataclass(frozen=True, slots=True)
class Domino:
    """A possible domino effect. `figure`: per cent over the usual draw, or days that the stock lasts with its
    `share` (0-1) of the short medicine's use.
    """

    effect: Effect
    figure: float
    share: float | None = None

    @property
    def words(self) -> Phrase:
        """What is seen, for those who may see figures."""
        if self.effect is Effect.RISEN:
            return phrase("uttaket er {percent} % over det vanlige", percent=round(self.figure))
        return phrase(
            "tar det over {percent} % av forbruket, rekker lageret i ca. {days}",
            percent=round((self.share or 0) * 100),
            days=Days(round(self.figure)),
        )


def domino(relative: Relative, *, raised: bool = False) -> Domino | None:
    """*Mulig dominoeffekt*, when a relative's draw rises or its stock cannot bear its stated share. Else `None`.

    Without a share that a person has set, only the draw itself is looked at: nothing is moved. One that is `raised`
    already stays until it is clearly over.
    """
    expected, present = relative.expected_daily, relative.present_daily
    if expected and present is not None and present >= (CALM if raised else RISEN) * expected:
        return Domino(Effect.RISEN, (present / expected - 1) * 100)
    if relative.share is None or relative.lasts_days is None or relative.days_needed is None:
        return None
    if relative.lasts_days >= relative.days_needed * (BEARS_AGAIN if raised else 1):
        return None
    return Domino(Effect.CANNOT_BEAR, relative.lasts_days, relative.share)
