"""How people write the closed lists of a case, in lower case → what is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from bot.cases.vocabulary import Authorised, Cause, Solution, Source, Status, Worded
from bot.messages.phrase import Phrase, phrase

Chosen = TypeVar("Chosen", bound=Worded)


def every_way_to_write(kind: type[Chosen], also: Mapping[str, Sequence[str]]) -> dict[str, Chosen]:
    """Every way to write a member, in lower case: its words, its code, and those in `also`."""
    found = {}
    for member in kind:
        for written in (str(member.words), member.value, member.value.replace("_", " "), *also.get(member.value, ())):
            found[written.casefold()] = member
    return found


SOURCES = every_way_to_write(
    Source,
    {
        "children_network": ("nasjonalt kompetansenettverk for legemidler til barn",),
        "dmp": ("direktoratet for medisinske produkter",),
        "centre": ("mangelsenteret", "senteret"),
        "purchasing": ("sykehusinnkjøp",),
    },
)
CAUSES = every_way_to_write(
    Cause,
    {
        "production": ("produksjonsproblem", "produksjonsproblemer"),
        "capacity": ("kapasitetsproblem", "kapasitetsproblemer"),
        "quality": ("kvalitet", "gmp", "kvalitet/gmp", "quality/gmp"),
        "substance_unavailable": ("virkestoff", "virkestoffmangel", "active substance unavailable"),
        "excipient_or_packaging": ("hjelpestoff", "emballasje", "hjelpestoff/emballasje"),
        "demand_increase": ("etterspørsel", "økt forbruk"),
        "deregistration_or_commercial": ("avregistrering", "avregistrert", "kommersielt"),
        "lost_tender_or_not_marketed": ("tapt anbud", "ikke markedsført"),
        "production_site_moved": ("endret produksjonssted",),
        "domino": ("domino",),
        "unknown": ("vet ikke",),
    },
)


def _not_among(kind: type[Worded]) -> Phrase:
    return phrase("er ukjent. Skriv en av: {words}.", words=", ".join(str(member.words) for member in kind))


NO_SOURCE, NO_CAUSE, NO_STATUS, NO_SOLUTION = map(_not_among, (Source, Cause, Status, Solution))
NOT_YES_OR_NO = phrase("skal være ja eller nei.")
STATUSES = every_way_to_write(Status, {})
SOLUTIONS = every_way_to_write(Solution, {"none_needed": ("ingen",), "rationing": ("rasjonering",)})
AUTHORISED: dict[str, Authorised] = {
    written: member
    for member, every in (
        (Authorised.YES, "ja j yes true registrert 1"),
        (Authorised.NO, "nei n no false uregistrert 0"),
        (Authorised.UNKNOWN, "ukjent ? unknown"),
    )
    for written in every.split()
} | {"vet ikke": Authorised.UNKNOWN}
