"""Sharing out what there is: so many packages among so many receivers, by a rule that can be shown.

The quota method of Balinski and Young (The Quota Method of Apportionment, American Mathematical Monthly 82, 1975):
each receiver's packages are within one of the exact share, the sum is exact, and nobody loses when there is more to
share. (Largest remainder breaks the last: among our own 21 catchments a receiver gets 24 of one quantity and 23 of
the next larger.) Caps, least quantities, lots and what was sent before bend the exact shares; the packages then follow
the bent shares by the same method, read as a timetable: a receiver's next lot may go when the exact share has passed
the one before, and among those the one goes whose own share is reached first. That is the quota method where nothing
is bent, and keeps its three promises where something is (earliest deadline first meets every deadline that can be met).

Everything is whole numbers and fractions: the same input gives the same packages on every machine.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import heapify, heappop, heappush
from math import lcm

from bot.messages.phrase import phrase
from bot.refusal import Refused

_SHARP = 80  # bits: weights are below 2**30, so two points of the timetable differ by more than 2**-60
_FINEST = 10**9  # parts that weights are rounded to where they are not exact in fewer
_LARGEST = 10**6  # packages in one sharing


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who takes part. Quantities in packages.

    `id` breaks ties, so it must not change between deliveries; `weight` is in any unit, the same for all;
    `earlier`: sent before in the same round, counted against the share; `least` and `most` are of this delivery.
    """

    id: str
    weight: int
    earlier: int = 0
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """What a receiver gets of this delivery, in packages, and the exact share that it was rounded from."""

    packages: int
    exact: Fraction


@dataclass(frozen=True, slots=True)
class Sharing:
    """Who gets what, by receiver's id, and what is left: less than a lot, or more than all may have."""

    shares: Mapping[str, Share]
    left: int


def weights(bases: Sequence[tuple[Fraction, Mapping[str, int | Fraction | None]]]) -> dict[str, int]:
    """One weight a receiver from several bases (people, last year's use, patients), each with its own weight.

    `bases`: (weight of the base, figure by receiver's id). A base's figures count as shares of their sum. Raises
    `Refused` where a figure is unknown or negative, a base sums to nothing, or the weights do.
    """
    receivers = sorted({receiver for _, figures in bases for receiver in figures})
    whole = sum((weight for weight, _ in bases), Fraction(0))
    if not receivers or whole <= 0 or any(weight < 0 for weight, _ in bases):
        raise Refused(phrase("Vekten må være over null for minst ett grunnlag, og ingen kan være under."))
    mixed = dict.fromkeys(receivers, Fraction(0))
    for weight, figures in bases:
        if not weight:
            continue
        known = {receiver: figures.get(receiver) for receiver in receivers}
        if unknown := [receiver for receiver, figure in known.items() if figure is None]:
            raise Refused(phrase("Mangler tall for {who}. Skriv tallet, eller ta dem ut.", who=", ".join(unknown)))
        figured = {receiver: Fraction(figure) for receiver, figure in known.items() if figure is not None}
        if negative := [receiver for receiver, figure in figured.items() if figure < 0]:
            raise Refused(phrase("Tallet for {who} er under null.", who=", ".join(negative)))
        total = sum(figured.values(), Fraction(0))
        if not total:
            raise Refused(phrase("Summen er null, så det finnes ingen andeler. Velg et annet grunnlag."))
        for receiver, figure in figured.items():
            mixed[receiver] += weight / whole * figure / total
    scale = lcm(*(figure.denominator for figure in mixed.values()))
    exact = {receiver: int(figure * scale) for receiver, figure in mixed.items()}
    if scale < _FINEST:
        return exact
    return {receiver: round(figure * _FINEST) for receiver, figure in mixed.items()}


def share(quantity: int, receivers: Sequence[Receiver], lot: int = 1) -> Sharing:
    """`quantity` packages among `receivers`, in lots of `lot` packages.

    Least quantities are rounded up and caps down to whole lots. Raises `Refused`, with the reason, for what cannot be
    kept: less than all least quantities together, a least above its cap, weights that are all zero.
    """
    _check(quantity, receivers, lot)
    timetable = Timetable(receivers, lot)
    lots = quantity // lot - sum(timetable.least)
    if lots < 0:
        raise Refused(
            phrase(
                "Det trengs {needed} pakninger for at alle skal få sitt minste, og det er {quantity}.",
                needed=sum(timetable.least) * lot,
                quantity=quantity,
            )
        )
    lots = min(lots, timetable.room)
    given = timetable.give(lots, *timetable.near(lots))
    level = timetable.level(lots)
    shares = {
        receiver.id: Share(given[place] * lot, timetable.exact(place, level))
        for place, receiver in enumerate(timetable.receivers)
    }
    return Sharing(shares, quantity - sum(share.packages for share in shares.values()))


def _check(quantity: int, receivers: Sequence[Receiver], lot: int) -> None:
    if not 0 <= quantity <= _LARGEST:
        raise Refused(phrase("Antallet må være fra 0 til {most} hele pakninger.", most=_LARGEST))
    if lot < 1:
        raise Refused(phrase("En forsendelse må være på minst 1 pakning."))
    if len({receiver.id for receiver in receivers}) != len(receivers):
        raise Refused(phrase("Samme mottaker står to ganger."))
    for receiver in receivers:
        if min(receiver.weight, receiver.earlier, receiver.least, receiver.most or 0) < 0:
            raise Refused(phrase("Tallet for {who} er under null.", who=receiver.id))
        if receiver.most is not None and -(-receiver.least // lot) > receiver.most // lot:
            raise Refused(
                phrase(
                    "{who} skal ha minst {least} og høyst {most} pakninger. Det går ikke i forsendelser på {lot}.",
                    who=receiver.id,
                    least=receiver.least,
                    most=receiver.most,
                    lot=lot,
                )
            )
    if not any(receiver.weight for receiver in receivers):
        raise Refused(phrase("Summen er null, så det finnes ingen andeler. Velg et annet grunnlag."))


class Timetable:
    """When each receiver's next lot may go, and when it is due.

    Think of a level that rises from zero, and of each receiver holding level × weight packages, earlier deliveries
    and this one's together, but never under what is sent and promised already (`start`) or over the cap (`end`).
    The level at which all hold the quantity gives the exact shares. A lot may go once the level has passed the lot
    before it, and is due when the level reaches it; lots go one after another, in slots that the sum over all counts.
    """

    def __init__(self, receivers: Sequence[Receiver], lot: int) -> None:
        self.receivers = sorted(receivers, key=lambda receiver: receiver.id)
        self.lot = lot
        self.least = [-(-receiver.least // lot) for receiver in self.receivers]
        self._most = [
            least if not receiver.weight else None if receiver.most is None else receiver.most // lot
            for receiver, least in zip(self.receivers, self.least, strict=True)
        ]
        self._start = [
            receiver.earlier + least * lot for receiver, least in zip(self.receivers, self.least, strict=True)
        ]
        self._points()

    @property
    def room(self) -> int:
        """Lots that there is room for under the caps, beyond the least."""
        if any(most is None for most in self._most):
            return _LARGEST
        return sum(most - least for most, least in zip(self._most, self.least, strict=True) if most is not None)

    def _points(self) -> None:
        """Levels at which somebody begins to get more, or stops; between two, the sum is `held` + level × `slope`."""
        changes: list[tuple[int, int, int, int]] = []  # key of the level, packages and weight there, slope after it
        for place, receiver in enumerate(self.receivers):
            most, weight, start = self._most[place], receiver.weight, self._start[place]
            if not weight or most == self.least[place]:
                continue
            changes.append((_key(start, weight), start, weight, weight))
            if most is not None:
                end = receiver.earlier + most * self.lot
                changes.append((_key(end, weight), end, weight, -weight))
        changes.sort()
        self._keys = [key for key, _, _, _ in changes]
        self._levels = [(packages, weight) for _, packages, weight, _ in changes]
        self._slopes, self._held = [0], [0]
        for _, packages, _, slope in changes:
            self._slopes.append(self._slopes[-1] + slope)
            self._held.append(self._held[-1] + (packages if slope < 0 else -packages))

    def give(self, lots: int, slot: int = 0, given: Sequence[int] = ()) -> list[int]:
        """Lots by receiver after `lots` have gone, the least included; from a slot and what had gone by it."""
        given = list(given or self.least)
        waiting = [self._next(place, given[place]) for place in range(len(given)) if self._may(place, given[place])]
        heapify(waiting)
        ready: list[tuple[int, int]] = []  # due, receiver
        for now in range(slot + 1, lots + 1):
            while waiting and waiting[0][0] <= now:
                _, due, place = heappop(waiting)
                heappush(ready, (due, place))
            _, place = heappop(ready)
            given[place] += 1
            if self._may(place, given[place]):
                heappush(waiting, self._next(place, given[place]))
        return given

    def near(self, lots: int) -> tuple[int, list[int]]:
        """A slot late in the timetable, and lots by receiver at it from which the rest ends as it does from nothing.

        After `lots` everybody has what is due by then, and some have the lot that they are in the middle of: which of
        those open lots still wait is all that the order decides. They are the ones due last, as long as each slot had
        another lot to send. Where the parts due of the open lots sum to less than one lot, no fewer lots wait than are
        open, and that slot takes none of them. From the last such slot on it matters only that the open ones wait and
        how many do, not which the others are. (The proof: docs/decisions/023-sharing-out.md.)
        """
        in_the_end = self._open(self.level(lots))
        slot = min(lots, self._before_a_lot_is_due(in_the_end))
        level = self.level(slot)
        given, now = self._begun_lots(level), self._open(level)
        wait = sum(given) - sum(self.least) - slot
        for place in sorted(now, key=lambda place: (in_the_end.get(place) != now[place], place))[:wait]:
            given[place] -= 1
        return slot, given

    def _begun_lots(self, level: Fraction) -> list[int]:
        """Lots by receiver that may have gone at that level, the least included: the exact share rounded up."""
        packages, weight, lot = level.numerator, level.denominator, self.lot
        begun = [
            max(least, -((receiver.earlier * weight - packages * receiver.weight) // (weight * lot)))
            for receiver, least in zip(self.receivers, self.least, strict=True)
        ]
        return [lots if most is None else min(lots, most) for lots, most in zip(begun, self._most, strict=True)]

    def _open(self, level: Fraction) -> dict[int, int]:
        """The packages before each lot that may have gone at that level and is not due yet, by the receiver's place."""
        found = {}
        for place, (receiver, lots) in enumerate(zip(self.receivers, self._begun_lots(level), strict=True)):
            due = receiver.earlier + lots * self.lot
            if lots > self.least[place] and due * level.denominator > level.numerator * receiver.weight:
                found[place] = due - self.lot
        return found

    def _before_a_lot_is_due(self, open_lots: Mapping[int, int]) -> int:
        """The last slot, or the one before it, at which the parts due of these lots sum to less than one lot."""
        slope, held = 0, 0
        points = ((before, self.receivers[place].weight) for place, before in open_lots.items())
        for before, weight in sorted(points, key=lambda point: _key(*point)):
            if before * slope - held * weight >= self.lot * weight:
                break
            slope += weight
            held += before
        return max(0, self._gone(self.lot + held, slope) - 1) if slope else _LARGEST

    def _may(self, place: int, given: int) -> bool:
        most = self._most[place]
        return most is None or given < most

    def _next(self, place: int, given: int) -> tuple[int, int, int]:
        """The slot from which the next lot may go, the level at which it is due (as a key), and whose it is."""
        receiver = self.receivers[place]
        before = receiver.earlier + given * self.lot
        return self._gone(before, receiver.weight) + 1, _key(before + self.lot, receiver.weight), place

    def _gone(self, packages: int, weight: int) -> int:
        """Whole lots beyond the least that all together hold at the level `packages / weight`."""
        segment = bisect_right(self._keys, _key(packages, weight))
        return (self._held[segment] * weight + packages * self._slopes[segment]) // (weight * self.lot)

    def level(self, lots: int) -> Fraction:
        """The lowest level at which all together hold `lots` lots beyond the least."""
        wanted = lots * self.lot
        for place, (packages, weight) in enumerate(self._levels):
            if self._held[place + 1] * weight + packages * self._slopes[place + 1] > wanted * weight:
                return self._level_of(wanted, place) if self._slopes[place] else Fraction(packages, weight)
        if self._slopes[-1]:
            return self._level_of(wanted, -1)
        return Fraction(*self._levels[-1]) if self._levels else Fraction(0)

    def _level_of(self, wanted: int, segment: int) -> Fraction:
        return Fraction(wanted - self._held[segment], self._slopes[segment])

    def exact(self, place: int, level: Fraction) -> Fraction:
        """The receiver's exact share of this delivery at that level, in packages."""
        receiver, most = self.receivers[place], self._most[place]
        packages, weight = level.numerator * receiver.weight, level.denominator
        if packages <= self._start[place] * weight:
            return Fraction(self._start[place] - receiver.earlier)
        if most is not None and packages >= (receiver.earlier + most * self.lot) * weight:
            return Fraction(most * self.lot)
        return Fraction(packages - receiver.earlier * weight, weight)


def _key(packages: int, weight: int) -> int:
    """`packages / weight` as a whole number that keeps the order, and equality, of such fractions."""
    return (packages << _SHARP) // weight
