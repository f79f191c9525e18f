"""The queries that try the decision: medicines that are not in the catalogue, look-alikes, what is no medicine."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from bench.matching_errors import ALL_KINDS, half_way, mistyped
from bot.catalogue import shipped
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.match import Item

ISSUE_PAIRS = (
    *(("Keppra", "Keflex"), ("Alkeran", "Leukeran"), ("pazopanib", "ponatinib"), ("prednison", "prednisolon")),
    *(("vinblastin", "vinkristin"), ("hydroksyzin", "hydralazin"), ("hydroxyzine", "hydralazine")),
)
"""The pairs that issue 3 names (one also in English: "hydraxyzine" lies between the two)."""

SENTENCES = (
    *("Kan noen ta vakten min på lørdag?", "Møtet er flyttet til onsdag klokka ni", "Hvor er nøkkelen til lageret?"),
    *("Jeg er syk i dag og kommer ikke", "Takk for hjelpen i går", "Hvem har telefonen i helgen?", "God påske alle"),
    *("Husk å fylle ut timelisten", "Printeren i tredje etasje virker ikke", "Er det noen som har sett brillene mine"),
    *("Vi trenger flere stoler på møterommet", "Kaffemaskinen er ødelagt igjen", "Når begynner sommerferien?"),
    *("Pasienten er overflyttet til medisinsk avdeling", "Ring meg når du har tid", "Hva skal vi ha til lunsj?"),
    *("Ny rutine for avvik er lagt ut på intranettet", "Husk hygienekurset på tirsdag", "Vi sees i kantina"),
    *("Portøren er på vei", "Sengen på rom 12 må byttes", "Legen kommer etter visitten", "Prøvesvarene er ikke klare"),
    *(
        "Kan du sende meg rapporten?",
        "Det er kø på parkeringen",
        "Jeg fant en lommebok i garderoben",
        "Gratulerer med dagen",
    ),
    *("Hvem bestiller kake til avslutningen", "Vaktlisten for november er klar", "Heisen står mellom andre og tredje"),
    *(
        "Mangler folk til nattevakt",
        "Vi har for få hansker på avdelingen",
        "Blodtrykksmåleren virker ikke",
        "Tom for tøy",
    ),
    *(
        "Bestill flere munnbind og hansker",
        "Batteriet til pumpen er tomt",
        "Hvor mange senger er ledige?",
        "alt er tomt her",
    ),
    *("Kan vi flytte møtet en time?", "Det snør mye på veien i dag", "Toget er forsinket", "Barnehagen stenger tidlig"),
    *(
        "Har du hørt noe fra ledelsen?",
        "Budsjettet må være ferdig fredag",
        "Jeg skjønner ikke skjemaet",
        "ok det er greit",
    ),
    *(
        "Send faktura til regnskap",
        "Opplæring i nytt journalsystem",
        "Passordet mitt virker ikke",
        "ja takk",
        "nei",
        "hei",
    ),
    *("Pasienten vil gjerne snakke med lege", "Pårørende venter på gangen", "Ambulansen kommer om ti minutter"),
    *(
        "Vi må vaske rommet før neste pasient",
        "Hvilken dag er fellesmøtet",
        "Flott jobbet alle sammen",
        "test",
        "hjelp meg",
    ),
    *(
        "Rullestolen mangler et hjul",
        "Hvor finner jeg prosedyren?",
        "Vaktbytte neste uke",
        "Er apoteket åpent på søndag?",
    ),
    *(
        "Leveringen fra kjøkkenet er sen",
        "Det lukter røyk i korridoren",
        "Brannøvelse klokken to",
        "Ferielisten henger oppe",
    ),
    *(
        "Noen som vil bli med på tur?",
        "Jeg har glemt adgangskortet",
        "Kan du forklare dette en gang til",
        "Vi ringer deg opp",
    ),
    *(
        "Ønsker alle en god helg",
        "Takk for sist",
        "Dette haster",
        "Hvem er ansvarlig for denne saken?",
        "Ingenting å melde",
    ),
    *(
        "Legg saken på vent til mandag",
        "Gi beskjed når du er ferdig",
        "Skal vi ta det på telefon",
        "Her er det stille i natt",
    ),
)
"""Everyday Norwegian, as it stands in a hospital's channels; written for this benchmark."""


def without_substances(
    catalogue: Catalogue, count: int, seed: int, batch: int = 40
) -> Iterator[tuple[Catalogue, list[tuple[str, Item]]]]:
    """Catalogues from which whole substances are taken out, and one exact name of each: half a brand, half the
    substance.

    Substances are taken out in batches (of `batch`), so that `count` of them need not as many indexes.
    """
    rng = random.Random(seed)
    items = [item for item in catalogue.substances.values() if item.preparations]
    chosen = rng.sample(items, min(count, len(items)))
    for start in range(0, len(chosen), batch):
        out = chosen[start : start + batch]
        typed = []
        for item in out:
            brands = sorted({one.brand for one in item.preparations})
            typed.append((rng.choice(brands) if rng.random() < 0.5 else item.name, item))
        yield catalogue.without({item.substance for item in out}), typed


def pairs() -> list[tuple[str, str]]:
    """Look-alike pairs: the issue's and our own list's."""
    return list(dict.fromkeys((*ISSUE_PAIRS, *shipped.language().lookalikes)))


def mistyped_pairs(each: int, seed: int) -> Iterator[tuple[str, str, str]]:
    """Typing errors in one of a pair: what is typed, which was meant, its partner."""
    rng = random.Random(seed)
    for one, other in pairs():
        for meant, partner in ((one, other), (other, one)):
            for _ in range(each):
                typed = mistyped(meant, rng.choice(ALL_KINDS[:-1]), rng)
                if typed and typed.casefold() != partner.casefold():
                    yield typed, meant, partner


def between(each: int, seed: int) -> Iterator[str]:
    """Strings half-way between the two names of a pair."""
    rng = random.Random(seed)
    taken = {name.casefold() for pair in pairs() for name in pair}
    for one, other in pairs():
        made = {half_way(one, other, rng) for _ in range(each)}
        yield from sorted(typed for typed in made if typed and typed not in taken)


def sentences() -> Sequence[str]:
    """Everyday Norwegian."""
    return SENTENCES
