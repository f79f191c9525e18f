"""What had happened by 10 July 2025, as the centre's annual report 2025 and DMP's of 2024 tell it.

Dates and causes are from those reports. Every stock figure is made up, and says so wherever it is shown.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from bot.cases.forms import CaseForm, ClosingForm
from bot.cases.vocabulary import Authorised, Cause, Outcome, Source, Status, Visibility

BEGINS = dt.datetime(2025, 7, 10, 7, 0, tzinfo=dt.UTC)
"""09:00 in Oslo on the Thursday in week 28 of 2025: Valtrex is about to run out, week 29's meeting is next."""


@dataclass(frozen=True, slots=True)
class Told:
    """One case: `name` is looked up in the catalogue; `ends` are the announced ends with the day each was announced."""

    name: str
    opened: dt.date
    start: dt.date | None
    cause: Cause | None
    ends: tuple[tuple[dt.date, dt.date | None], ...] = ()
    source: Source = Source.DMP
    status: Status = Status.ONGOING
    authorised: Authorised = Authorised.YES
    substitute: str | None = None
    substitute_ready: bool | None = None
    next_step: str | None = None
    decision: str | None = None
    visibility: Visibility = Visibility.MEETING
    advice: str | None = None
    closed: tuple[dt.date, ClosingForm] | None = None
    reports: tuple[tuple[str, str], ...] = field(default=())
    owned: bool = True

    def form(self, end: dt.date | None) -> CaseForm:
        """What the centre wrote on the case, with this expected end."""
        return CaseForm(
            status=self.status,
            start=self.start,
            expected_end=end,
            cause=self.cause,
            authorised=self.authorised,
            source=self.source,
            substitute=self.substitute,
            substitute_ready=self.substitute_ready,
            next_step=self.next_step,
            next_step_on=None,
            decision_question=self.decision,
        )


def _closed(day: dt.date, outcome: Outcome, reason: str) -> tuple[dt.date, ClosingForm]:
    return day, ClosingForm(Status.CLOSED, outcome, day, reason)


_D = dt.date

CASES: tuple[Told, ...] = (
    Told(
        "Celeston Chronodose inj væske, susp 6 mg/ml",
        opened=_D(2023, 4, 3),
        start=_D(2023, 4, 3),
        cause=None,
        ends=((_D(2023, 4, 3), None),),
        substitute="Mindre mengder erstatningsprodukter",
        closed=_closed(
            _D(2025, 2, 14), Outcome.PRIORITISED, "Tilgangen er stabil. Fagdirektørene har opphevet anbefalingen."
        ),
    ),
    Told(
        "Integrilin inf, oppl 0,75 mg/ml",
        opened=_D(2023, 10, 2),
        start=_D(2023, 10, 2),
        cause=Cause.PRODUCTION,
        ends=((_D(2023, 10, 2), _D(2024, 12, 31)), (_D(2024, 12, 20), None)),
        substitute="Tirofiban og kangrelor",
        substitute_ready=True,
        next_step="Følg opp tilgangen fra en annen produsent",
    ),
    Told(
        "Zypadhera pulv til depotinj væske, susp 300 mg",
        opened=_D(2024, 4, 15),
        start=_D(2024, 4, 15),
        cause=Cause.PRODUCTION,
        ends=((_D(2024, 4, 15), _D(2024, 10, 1)), (_D(2024, 9, 20), _D(2025, 3, 1)), (_D(2025, 2, 20), None)),
        substitute="Ikke å få i Europa; flere HF har byttet behandling",
        substitute_ready=False,
        next_step="Fordel neste leveranse etter befolkningstall",
        decision="Fordeling etter befolkningstall gjennom fellesferien?",
        visibility=Visibility.PUBLISHED,
        advice="Start ikke nye pasienter på ZypAdhera nå. Ta kontakt med sykehusapoteket om fordelingen.",
    ),
    Told(
        "Zypadhera pulv til depotinj væske, susp 405 mg",
        opened=_D(2024, 4, 15),
        start=_D(2024, 4, 15),
        cause=Cause.PRODUCTION,
        ends=((_D(2024, 4, 15), None),),
        substitute="Ikke å få i Europa; flere HF har byttet behandling",
        substitute_ready=False,
    ),
    Told(
        "Mucomyst inh væske, oppl 200 mg/ml",
        opened=_D(2024, 10, 15),
        start=_D(2024, 10, 15),
        cause=None,
        ends=((_D(2024, 10, 15), _D(2025, 1, 31)), (_D(2025, 1, 20), _D(2025, 3, 31))),
        substitute="Lokalt innkjøp; acetylcystein til infusjon for forgiftning",
        closed=_closed(_D(2025, 3, 31), Outcome.PRIORITISED, "Leveransene er normale. Rasjoneringen er opphevet."),
    ),
    Told(
        "Etoposid accord kons til inf oppl 20 mg/ml",
        opened=_D(2025, 4, 10),
        start=_D(2025, 5, 1),
        cause=Cause.SUBSTANCE,
        ends=((_D(2025, 4, 10), _D(2025, 9, 15)),),
        substitute="Uregistrerte pakninger er kjøpt inn for perioden og 1–2 måneder til",
        substitute_ready=True,
        next_step="Møte med fagekspertene i onkologi",
    ),
    Told(
        "Kloramfenikol øyedr, oppl 5 mg/ml",
        opened=_D(2025, 6, 30),
        start=_D(2025, 6, 30),
        cause=None,
        ends=((_D(2025, 6, 30), None),),
        owned=False,
        reports=(("Ahus Nordbyhagen", "Vi bruker lite, men apotekene tømmer lageret."),),
    ),
    Told(
        "Valtrex tab 250 mg",
        opened=_D(2025, 7, 3),
        start=_D(2025, 7, 2),
        cause=Cause.PRODUCTION,
        ends=((_D(2025, 7, 3), None),),
        decision="Be DMP vurdere rasjonering? Råd til transplantasjons- og kreftmiljøene?",
    ),
    Told(
        "Steritalc pulv til intrapleural bruk 4 g",
        opened=_D(2025, 7, 2),
        start=_D(2025, 8, 1),
        cause=None,
        ends=((_D(2025, 7, 2), None),),
        source=Source.PURCHASING,
        status=Status.UPCOMING,
        authorised=Authorised.UNKNOWN,
        owned=False,
    ),
)
"""Chosen from DOMAIN §7: what the report tells of the time before 10 July 2025."""


STANDING_STOCK = """\
lager;preparat;beholdning;enhet;dato;utløp;forventet;ankomst;forbruk;periode
Fokuslisten;Kloramfenikol øyedr, oppl 5 mg/ml;5200;flaske;09.07.2025;;;;;
Fokuslisten;Kloramfenikol øyedr, oppl 5 mg/ml;;flaske;;;;;4100;2025-05
Fokuslisten;Kloramfenikol øyedr, oppl 5 mg/ml;;flaske;;;;;4300;2025-06
Grossistens ordinære lager;Etoposid accord kons til inf oppl 20 mg/ml;900;hetteglass;08.07.2025;31.03.2026;;;;
Grossistens ordinære lager;Etoposid accord kons til inf oppl 20 mg/ml;;hetteglass;;;2400;21.07.2025;;
Grossistens ordinære lager;Etoposid accord kons til inf oppl 20 mg/ml;;hetteglass;;;;;820;2025-05
Grossistens ordinære lager;Etoposid accord kons til inf oppl 20 mg/ml;;hetteglass;;;;;790;2025-06
B180S;Zypadhera pulv til depotinj væske, susp 300 mg;0;hetteglass;12.02.2025;;;;;
B180S;Zypadhera pulv til depotinj væske, susp 300 mg;;hetteglass;;;;;310;2025-01
Fokuslisten;Zovirax tab 200 mg;46400;tablett;02.07.2025;;;;;
Fokuslisten;Zovirax tab 200 mg;38000;tablett;09.07.2025;;;;;
Fokuslisten;Zovirax tab 200 mg;;tablett;;;;;9500;2025-05
Fokuslisten;Zovirax tab 200 mg;;tablett;;;;;9900;2025-06
"""
"""Made up: what stands in the pools when the demo begins. Zovirax falls fast since Valtrex is short."""

SAMPLE_SHEET = """\
lager;preparat;beholdning;enhet;dato;forbruk;periode
Fokuslisten;Valtrex tab 500 mg;9800;tablett;10.07.2025;;
Fokuslisten;Valtrex tab 500 mg;;tablett;;24100;2025-04
Fokuslisten;Valtrex tab 500 mg;;tablett;;25300;2025-05
Fokuslisten;Valtrex tab 500 mg;;tablett;;26800;2025-06
Fokuslisten;Valtrex tab 250 mg;4200;tablett;10.07.2025;;
Fokuslisten;Valtrex tab 250 mg;;tablett;;5600;2025-05
Fokuslisten;Valtrex tab 250 mg;;tablett;;6100;2025-06
"""
"""Made up: the sheet to drop in the stock channel. Valtrex lasts less than two weeks at the market's draw."""
