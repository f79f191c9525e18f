"""What people write when they share out a delivery: read, checked, and worked out by the rule.

Figures of receivers are written a line each, "Bergen 12", in whatever order; a fault names its line.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from fractions import Fraction
from typing import Any, Self, TypeVar

from rapidfuzz import process

from bot.cases.forms import Problems
from bot.messages.phrase import Phrase, phrase
from bot.people.places import catchments
from bot.refusal import FormRefused, Refused
from bot.stock.allocation import Receiver, share, weights

LONGEST_LINES = 2500
LONGEST_REASON = 200
LONGEST_NAME = 60
MOST_RECEIVERS = 60
"""So many lines stay readable in one message; the catchments are 21."""

PEOPLE_AS_OF = dt.date(2022, 1, 1)
DAYS_A_MONTH = 365.25 / 12
_NEAR_ENOUGH = 70

Read = TypeVar("Read")


class Among(StrEnum):
    """Who a delivery is shared among."""

    TRUSTS = "trusts"
    REGIONS = "regions"
    WRITTEN = "written"

    @property
    def words(self) -> Phrase:
        """As people choose it."""
        return _AMONG_WORDS[self]


class Base(StrEnum):
    """What a share is reckoned from."""

    PEOPLE = "people"
    USE = "use"
    PATIENTS = "patients"
    MIX = "mix"

    @property
    def words(self) -> Phrase:
        """As people choose and read it."""
        return _BASE_WORDS[self]


_AMONG_WORDS = {
    Among.TRUSTS: phrase("de 21 helseforetakene"),
    Among.REGIONS: phrase("de 4 regionene"),
    Among.WRITTEN: phrase("bare dem som står under"),
}
_BASE_WORDS = {
    Base.PEOPLE: phrase("folketall i opptaksområdet"),
    Base.USE: phrase("forbruk"),
    Base.PATIENTS: phrase("meldte pasienter"),
    Base.MIX: phrase("en blanding"),
}


@dataclass(frozen=True, slots=True)
class AllocationForm:
    """How a delivery is to be shared, as it was written. Quantities in packages; `use` in packages a month."""

    quantity: str | None
    among: Among
    base: Base
    reserve: str | None = None
    mix: str | None = None
    use: str | None = None
    patients: str | None = None
    stock: str | None = None
    lot: str | None = None
    least: str | None = None
    most: str | None = None
    exceptions: str | None = None
    count_earlier: bool = True

    def as_json(self) -> dict[str, Any]:
        """To be kept with the delivery."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The form as it was kept."""
        known = {field.name: kept[field.name] for field in fields(cls) if field.name in kept}
        return cls(**known | {"among": Among(kept["among"]), "base": Base(kept["base"])})

    def read(self, earlier: Mapping[str, int]) -> SharedOut:
        """The delivery shared out. `earlier`: packages that each has got before. Raises `FormRefused`, all faults."""
        return _Reading(self).shared_out(earlier if self.count_earlier else {})

    def terms(self) -> Terms:
        """The rule in figures. Raises `FormRefused`, all faults of these fields."""
        return _Reading(self).terms()


@dataclass(frozen=True, slots=True)
class Row:
    """One receiver's part; `earlier` is what it got before, if that counts. `exact` and `computed` are the rule's."""

    receiver: str
    exact: float
    computed: int
    packages: int
    earlier: int
    reason: str | None = None
    stock: float | None = None
    daily_use: float | None = None

    @property
    def days_before(self) -> float | None:
        """Days that the receiver's own stock lasts; None where stock or use is not known."""
        return _days(self.stock, self.daily_use)

    @property
    def days_after(self) -> float | None:
        """Days that it lasts with this delivery."""
        return None if self.stock is None else _days(self.stock + self.packages, self.daily_use)


def _days(packages: float | None, daily_use: float | None) -> float | None:
    return None if packages is None or not daily_use else packages / daily_use


@dataclass(frozen=True, slots=True)
class Terms:
    """The rule in figures: packages, and what a share is reckoned from (base → weight)."""

    quantity: int
    reserve: int
    lot: int
    least: int
    most: int | None
    mix: Mapping[Base, Fraction]
    among: Among

    @property
    def bases(self) -> tuple[Phrase, ...]:
        """What a share is reckoned from, in words, with its weight where there are several."""
        whole = sum(self.mix.values())
        if len(self.mix) == 1:
            return tuple(_of_base(base) for base in self.mix)
        return tuple(
            phrase("{share} % {base}", share=round(100 * weight / whole), base=_of_base(base))
            for base, weight in self.mix.items()
        )


def _of_base(base: Base) -> Phrase:
    if base is Base.PEOPLE:
        return phrase("folketall i opptaksområdet (SSB, {day})", day=PEOPLE_AS_OF)
    return base.words


@dataclass(frozen=True, slots=True)
class SharedOut:
    """A delivery shared out: its quantity = what all get + the reserve + `left`, in packages."""

    rows: tuple[Row, ...]
    terms: Terms
    left: int


@dataclass(frozen=True, slots=True)
class SentForm:
    """What was really sent, a line each for those who got something else than was decided."""

    lines: str | None

    def read(self, receivers: Sequence[str]) -> dict[str, int]:
        """Receiver → packages. Raises `FormRefused` naming the line that is wrong."""
        problems = Problems()
        lines = _Lines(receivers, problems)
        sent = lines.read(self.lines, "sent", _packages)
        problems.raise_if_any()
        return sent


class _Lines:
    """Reads lines of "name figure" about known receivers, or about whoever is written where none are known."""

    def __init__(self, known: Sequence[str], problems: Problems) -> None:
        self._known = known
        self._problems = problems

    def read(self, text: str | None, field: str, of: Callable[[str], Read]) -> dict[str, Read]:
        """Receiver → what stands after its name, line by line."""
        found: dict[str, Read] = {}
        self._problems.short_enough(text, LONGEST_LINES, field=field)
        self._problems.no_identity_number(text, field=field)
        for number, line in enumerate((text or "").splitlines(), 1):
            if not line.strip():
                continue
            try:
                name, rest = _split(line)
                receiver = self._named(name)
                if receiver in found:
                    raise Refused(phrase("«{name}» står to ganger.", name=receiver))
                found[receiver] = of(rest)
            except Refused as fault:
                said = phrase("Linje {number}: {fault}", number=number, fault=fault.phrase)
                self._problems.add(field, Refused(said))
                return found
        return found

    def _named(self, name: str) -> str:
        """The receiver that is meant. Raises `Refused` where it is none, or could be two."""
        if not self._known:
            if len(name) > LONGEST_NAME:
                raise Refused(phrase("Navnet er for langt. Skriv høyst {longest} tegn.", longest=LONGEST_NAME))
            return name
        low = name.casefold()
        meant = [receiver for receiver in self._known if low == receiver.casefold()]
        meant = meant or [receiver for receiver in self._known if receiver.casefold().startswith(low)]
        if len(meant) == 1:
            return meant[0]
        nearest = process.extractOne(low, self._known, processor=str.casefold, score_cutoff=_NEAR_ENOUGH)
        if nearest is None:
            raise Refused(phrase("Vet ikke hvem «{name}» er.", name=name))
        raise Refused(phrase("Vet ikke hvem «{name}» er. Mente du {nearest}?", name=name, nearest=nearest[0]))


class _Reading:
    """One form on its way to a result, with the faults found so far."""

    def __init__(self, form: AllocationForm) -> None:
        self._form = form
        self._problems = Problems()
        self._known = _receivers(form.among)

    def terms(self) -> Terms:
        terms = self._terms()
        self._problems.raise_if_any()
        return terms

    def _terms(self) -> Terms:
        form = self._form
        quantity = self._whole(form.quantity, "quantity", 1)
        reserve = self._whole(form.reserve, "reserve", 0) or 0
        if form.quantity is None:
            self._problems.add("quantity", Refused(phrase("Skriv hvor mange pakninger som skal fordeles.")))
        if quantity is not None and reserve > quantity:
            self._problems.add("reserve", Refused(phrase("Det er bare {quantity} pakninger.", quantity=quantity)))
        return Terms(
            quantity=quantity or 0,
            reserve=reserve,
            lot=self._whole(form.lot, "lot", 1) or 1,
            least=self._whole(form.least, "least", 0) or 0,
            most=self._whole(form.most, "most", 0),
            mix=self._mix(),
            among=form.among,
        )

    def shared_out(self, earlier: Mapping[str, int]) -> SharedOut:
        form, problems = self._form, self._problems
        terms = self._terms()
        lines = _Lines(self._known, problems)
        use = lines.read(form.use, "use", _figure)
        patients = lines.read(form.patients, "patients", _figure)
        stock = lines.read(form.stock, "stock", _figure)
        exceptions = lines.read(form.exceptions, "exceptions", _exception)
        problems.raise_if_any()
        quantity = terms.quantity - terms.reserve
        receivers = list(self._known) if self._known else sorted({*use, *patients, *exceptions})
        if not receivers:
            problems.add("use", Refused(phrase("Skriv hvem som skal få, en linje til hver: Bergen 12.")))
        if len(receivers) > MOST_RECEIVERS:
            said = phrase("Det er {many} mottakere. Skriv høyst {most}.", many=len(receivers), most=MOST_RECEIVERS)
            problems.add("use", Refused(said))
        problems.raise_if_any()
        figures: dict[Base, Mapping[str, Fraction]] = {
            Base.PEOPLE: self._people(),
            Base.USE: use,
            Base.PATIENTS: patients,
        }
        bases: list[tuple[Fraction, Mapping[str, int | Fraction | None]]] = [
            (weight, {receiver: figures[base].get(receiver) for receiver in receivers})
            for base, weight in terms.mix.items()
        ]
        weight_of = self._refused_beside("use" if Base.USE in terms.mix else "patients", lambda: weights(bases))
        every = [
            Receiver(receiver, weight_of[receiver], earlier.get(receiver, 0), terms.least, terms.most)
            for receiver in receivers
        ]
        by_rule = self._refused_beside("quantity", lambda: share(quantity, every, terms.lot))
        fixed = sum(packages for packages, _ in exceptions.values())
        if fixed > quantity:
            said = phrase(
                "Unntakene er på {fixed} pakninger. Det er {quantity} å dele.", fixed=fixed, quantity=quantity
            )
            raise FormRefused([Refused(said, field="exceptions")])
        decided, left = by_rule.shares, by_rule.left
        if exceptions:
            others = [receiver for receiver in every if receiver.id not in exceptions]
            left = quantity - fixed
            if any(receiver.weight for receiver in others):
                rest = self._refused_beside("exceptions", lambda: share(quantity - fixed, others, terms.lot))
                decided, left = rest.shares, rest.left
        rows = tuple(
            Row(
                receiver=one.id,
                exact=float(by_rule.shares[one.id].exact),
                computed=by_rule.shares[one.id].packages,
                packages=exceptions[one.id][0] if one.id in exceptions else decided[one.id].packages,
                earlier=one.earlier,
                reason=exceptions[one.id][1] if one.id in exceptions else None,
                stock=_float(stock.get(one.id)),
                daily_use=_float(use[one.id] / Fraction(DAYS_A_MONTH)) if one.id in use else None,
            )
            for one in sorted(every, key=lambda one: one.id)
        )
        return SharedOut(rows, terms, left)

    def _people(self) -> Mapping[str, Fraction]:
        people: dict[str, Fraction] = {}
        for catchment in catchments():
            for name in (catchment.trust, _short(catchment.region)):
                people[name] = people.get(name, Fraction(0)) + catchment.people
        return people

    def _mix(self) -> dict[Base, Fraction]:
        """Base → weight, out of what all weigh together."""
        if self._form.base is not Base.MIX:
            return {self._form.base: Fraction(1)}
        found: dict[Base, Fraction] = {}
        for part in filter(None, re.split(r"[,;\n]| og ", self._form.mix or "")):
            read = re.fullmatch(r"\s*(\D+?)\s*(\d{1,3})\s*%?\s*", part)
            base = next(
                (base for word, base in _MIX_WORDS.items() if read and read[1].casefold().startswith(word)), None
            )
            if read is None or base is None:
                said = phrase("Forstår ikke «{part}». Skriv for eksempel: folketall 70, forbruk 30.", part=part.strip())
                self._problems.add("mix", Refused(said))
                return {}
            found[base] = found.get(base, Fraction(0)) + int(read[2])
        if not sum(found.values()):
            self._problems.add(
                "mix", Refused(phrase("Skriv hva som skal telle, for eksempel: folketall 70, forbruk 30."))
            )
        return {base: weight for base, weight in found.items() if weight}

    def _whole(self, text: str | None, field: str, low: int) -> int | None:
        """A whole number of packages; None where nothing was written, or after a fault."""
        if text is None:
            return None
        if not re.fullmatch(r"\d{1,7}", text) or int(text) < low:
            said = phrase("«{text}» er ikke et helt antall pakninger fra {low} og opp.", text=text[:30], low=low)
            self._problems.add(field, Refused(said))
            return None
        return int(text)

    def _refused_beside(self, field: str, work: Callable[[], Read]) -> Read:
        try:
            return work()
        except Refused as fault:
            raise FormRefused([Refused(fault.phrase, field=field)]) from None


_MIX_WORDS = {
    **dict.fromkeys(("folk", "befolk", "people", "population"), Base.PEOPLE),
    **dict.fromkeys(("forbruk", "use"), Base.USE),
    **dict.fromkeys(("pasient", "patient"), Base.PATIENTS),
}


def _receivers(among: Among) -> tuple[str, ...]:
    if among is Among.TRUSTS:
        return tuple(catchment.trust for catchment in catchments())
    if among is Among.REGIONS:
        return tuple(dict.fromkeys(_short(catchment.region) for catchment in catchments()))
    return ()


def _short(region: str) -> str:
    return region.removesuffix(" RHF")


def _split(line: str) -> tuple[str, str]:
    """The receiver's name, and what stands from the first number on."""
    found = re.fullmatch(r"\s*(\D*?[^\d\s:;=])\s*[:;=]?\s+(\d.*)", line.rstrip())
    if found is None:
        raise Refused(phrase("skriv navn og tall, for eksempel «Bergen 12»."))
    return " ".join(found[1].split()), found[2]


def _packages(text: str) -> int:
    if not re.fullmatch(r"\d{1,7}", text):
        raise Refused(phrase("«{text}» er ikke et helt antall pakninger.", text=text[:30]))
    return int(text)


def _figure(text: str) -> Fraction:
    if not re.fullmatch(r"\d{1,7}(?:[.,]\d{1,3})?", text):
        raise Refused(phrase("«{text}» er ikke et tall.", text=text[:30]))
    return Fraction(text.replace(",", "."))


def _exception(text: str) -> tuple[int, str]:
    found = re.fullmatch(r"(\d{1,6})[ ,:;–-]+(\S.*)", text)
    if found is None:
        raise Refused(phrase("skriv antall pakninger og hvorfor, for eksempel «Finnmark 5 lang transport»."))
    if len(found[2]) > LONGEST_REASON:
        raise Refused(phrase("Årsaken er for lang. Skriv høyst {longest} tegn.", longest=LONGEST_REASON))
    return int(found[1]), found[2]


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
