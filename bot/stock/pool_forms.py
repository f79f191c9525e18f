"""What people write of a pool, of an item in it, and of an item's way to another pool: read and checked.

Numbers come as they were typed, so that each fault can be told beside its field, all of them at once.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum

from bot.cases.forms import Problems
from bot.messages.phrase import Phrase, phrase
from bot.messages.words import Days
from bot.refusal import Refused
from bot.stock.pools import DemandBase, Holdable, ItemRules, Pool, PoolKind

LONGEST_NAME = 60
LONGEST_NOTE = 500
MOST_DAYS = 3650
LONGEST_BETWEEN_COUNTS = 365
MOST_UNITS = 10_000_000


class LimitIn(StrEnum):
    """What an alert limit is counted in."""

    DAYS = "days"
    SHARE = "share"

    @property
    def words(self) -> Phrase:
        """As people choose it."""
        return phrase("dager") if self is LimitIn.DAYS else phrase("prosent av målet (fyllingsgrad)")


@dataclass(frozen=True, slots=True)
class PoolForm:
    """A pool as somebody has described it."""

    name: str | None
    owner: str | None
    kind: PoolKind
    holdable: Holdable
    sized_on: DemandBase
    drawn_by: DemandBase
    target: str | None
    limit: str | None
    limit_in: LimitIn
    shelf: str | None
    every: str | None = None
    """How many days may pass between two counts."""
    senders: tuple[str, ...] = ()
    """Slack ids of those who are reminded when figures are due."""

    @property
    def every_days(self) -> int | None:
        """`every` as `read` has found it right."""
        return int(_days(self.every, Problems(), "every") or 0) or None

    def read(self, pool: Pool) -> Pool:
        """`pool` as the form describes it. Raises `FormRefused` with every field that is wrong."""
        problems = Problems()
        if not self.name:
            problems.add("name", Refused(phrase("Skriv lagerets navn.")))
        for field in ("name", "owner", "shelf"):
            problems.short_enough(getattr(self, field), LONGEST_NAME, field=field)
            problems.no_identity_number(getattr(self, field), field=field)
        target = _days(self.target, problems, "target")
        every = _days(self.every, problems, "every")
        if every is not None and (every != int(every) or not 1 <= every <= LONGEST_BETWEEN_COUNTS):
            said = phrase("Skriv et helt antall dager, fra 1 til {most}.", most=LONGEST_BETWEEN_COUNTS)
            problems.add("every", Refused(said))
        days, share = _limit(self.limit, self.limit_in, problems)
        described = Pool(
            id=pool.id,
            name=" ".join((self.name or "").split()),
            kind=self.kind,
            owner=self.owner or "",
            holdable=self.holdable,
            sized_on=self.sized_on,
            drawn_by=self.drawn_by,
            alert_limit_days=days,
            alert_limit_share=share,
            target_days=target,
            shelf=self.shelf.casefold() if self.shelf else None,
            aliases=pool.aliases,
        )
        _fits_the_target(described, problems, "limit")
        problems.raise_if_any()
        return described


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What holds for one item, beside its figures."""

    rules: ItemRules
    ordered_when_short: bool = False
    stated_daily_demand: float | None = None
    stated_by: str | None = None
    stated_from: dt.date | None = None
    stated_first: bool = False
    pack_size: float | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ItemForm:
    """What somebody has said of an item in a pool; None where it is as the pool."""

    holdable: Holdable | None
    sized_on: DemandBase | None
    drawn_by: DemandBase | None
    target: str | None
    limit: str | None
    limit_in: LimitIn
    ordered_when_short: bool
    stated: str | None
    stated_by: str | None
    stated_from: dt.date | None
    stated_first: bool
    pack_size: str | None
    note: str | None

    def read(self, pool: Pool, today: dt.date) -> ItemFacts:
        """What it means for an item of `pool`. Raises `FormRefused` with every field that is wrong.

        A prioritised use needs its own figure, which goes before the history: what was drawn until now was
        drawn by all. A stated figure holds from `today` on where no day was given.
        """
        problems = Problems()
        for field, longest in (("stated_by", 200), ("note", LONGEST_NOTE)):
            problems.short_enough(getattr(self, field), longest, field=field)
            problems.no_identity_number(getattr(self, field), field=field)
        problems.sensible(self.stated_from, field="stated_from")
        stated = _number(self.stated, problems, "stated", most=MOST_UNITS)
        prioritised = self.drawn_by is DemandBase.PRIORITISED
        if self.stated is None and prioritised:
            said = phrase("Fyll inn forbruket ved prioritert bruk. Det som er brukt til nå, gjelder all bruk.")
            problems.add("stated", Refused(said))
        elif self.stated is None and (self.stated_by or self.stated_first):
            problems.add("stated", Refused(phrase("Fyll inn forbruket per dag, eller tøm feltene under.")))
        if self.stated is not None and not self.stated_by:
            problems.add("stated_by", Refused(phrase("Skriv hvem som har oppgitt forbruket.")))
        days, share = _limit(self.limit, self.limit_in, problems)
        rules = ItemRules(
            holdable=self.holdable,
            sized_on=self.sized_on,
            drawn_by=self.drawn_by,
            alert_limit_days=days,
            alert_limit_share=share,
            target_days=_days(self.target, problems, "target"),
        )
        _fits_the_target(pool.for_item(rules), problems, "limit" if "limit" in rules.named else "target")
        pack_size = _number(self.pack_size, problems, "pack_size", most=MOST_UNITS)
        problems.raise_if_any()
        return ItemFacts(
            rules=rules,
            ordered_when_short=self.ordered_when_short,
            stated_daily_demand=stated,
            stated_by=self.stated_by if stated else None,
            stated_from=(self.stated_from or today) if stated else None,
            stated_first=bool(stated) and (self.stated_first or prioritised),
            pack_size=pack_size,
            note=self.note,
        )


@dataclass(frozen=True, slots=True)
class MoveForm:
    """Where an item goes, since when, and why."""

    to_pool: str | None
    moved_on: dt.date | None
    note: str | None

    def read(self, from_pool: str, today: dt.date) -> tuple[str, dt.date]:
        """The pool and the day. Raises `FormRefused` with every field that is wrong."""
        problems = Problems()
        problems.short_enough(self.note, LONGEST_NOTE, field="note")
        problems.no_identity_number(self.note, field="note")
        if self.to_pool is None or self.to_pool == from_pool:
            problems.add("to_pool", Refused(phrase("Velg lageret som varen er flyttet til.")))
        moved_on = self.moved_on or today
        if problems.sensible(moved_on, field="moved_on") and moved_on > today:
            problems.add("moved_on", Refused(phrase("Datoen er ikke kommet. Registrer flyttingen når den er gjort.")))
        problems.raise_if_any()
        return str(self.to_pool), moved_on


_TYPED = re.compile(r"([-−]?)(\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+)(?:[.,](\d+))? ?([^\d\s]*)", re.IGNORECASE)
_IN_DAYS, _IN_PERCENT = ("dag", "dager"), ("%", "prosent")


def _number(
    text: str | None, problems: Problems, field: str, *, most: float, unit: tuple[str, ...] = ()
) -> float | None:
    """The number in `text`, above 0; None where nothing was typed, or where it is wrong and `problems` has it."""
    if text is None:
        return None
    found = _TYPED.fullmatch(text.strip())
    if found is None or found[4].casefold() not in ("", *unit):
        problems.add(
            field, Refused(phrase("«{text}» er ikke et tall her. Skriv bare tallet, for eksempel 90.", text=text[:40]))
        )
        return None
    minus, whole, decimals, _ = found.groups()
    value = float(f"{re.sub(r'[^0-9]', '', whole)}.{decimals or 0}")
    if minus and value:
        problems.add(field, Refused(phrase("Tallet kan ikke være negativt.")))
    elif value == 0:
        problems.add(field, Refused(phrase("Skriv et tall over 0, eller la feltet stå tomt.")))
    elif value > most:
        problems.add(field, Refused(phrase("Tallet er for stort. Skriv høyst {most}.", most=int(most))))
    elif "." in text and decimals and len(decimals) == 3:
        said = phrase("«{text}» kan leses på to måter. Skriv uten skille mellom tusener.", text=text[:40])
        problems.add(field, Refused(said))
    else:
        return value
    return None


def _days(text: str | None, problems: Problems, field: str) -> float | None:
    return _number(text, problems, field, most=MOST_DAYS, unit=_IN_DAYS)


def _limit(text: str | None, limit_in: LimitIn, problems: Problems) -> tuple[float | None, float | None]:
    """The limit in days, or as a share (0-1) of the target."""
    if limit_in is LimitIn.DAYS:
        return _days(text, problems, "limit"), None
    percent = _number(text, problems, "limit", most=100, unit=_IN_PERCENT)
    return None, None if percent is None else percent / 100


def _fits_the_target(pool: Pool, problems: Problems, field: str) -> None:
    """A share needs something to be a share of; a limit above the target would always alert."""
    if pool.target_days is None:
        if pool.alert_limit_share is not None:
            said = phrase("En andel trenger et mål. Fyll inn målet i dager, eller velg dager.")
            problems.add(field, Refused(said))
    elif pool.limit_days is not None and pool.limit_days > pool.target_days:
        said = phrase(
            "Varslingsgrensen ({limit}) er over målet ({target}). Da varsles det alltid. Rett en av dem.",
            limit=Days(pool.limit_days),
            target=Days(pool.target_days),
        )
        problems.add(field, Refused(said))
