"""The closed lists of a case, each code with its Norwegian words (source: annual report 2025)."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from bot.messages.phrase import Phrase, phrase

_NO_WORDS = Phrase("")


class Worded(StrEnum):
    """A code that is stored, with its words for people: `member.words`."""

    words: Phrase

    def __new__(cls, code: str, words: Phrase = _NO_WORDS) -> Self:
        """A member whose value is `code`."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.words = words
        return member


class Status(Worded):
    """Where a case stands. Only a person opens or closes one."""

    UPCOMING = "upcoming", phrase("Kommende")
    ONGOING = "ongoing", phrase("Pågående")
    CLOSED = "closed", phrase("Avsluttet")
    NOT_RELEVANT = "not_relevant", phrase("Ikke aktuell")
    MERGED = "merged", phrase("Slått sammen")

    @property
    def is_open(self) -> bool:
        """True while the case is worked on."""
        return self in OPEN


OPEN = (Status.UPCOMING, Status.ONGOING)


class Outcome(Worded):
    """How a case ended."""

    AVERTED = "averted", phrase("Avverget")
    SUBSTITUTED = "substituted", phrase("Løst med erstatning")
    PRIORITISED = "prioritised", phrase("Prioritert")
    TREATMENT_CHANGED = "treatment_changed", phrase("Behandling endret")
    UNKNOWN = "unknown", phrase("Ukjent")


class Visibility(Worded):
    """Who may read a case."""

    INTERNAL = "internal", phrase("Intern")
    MEETING = "meeting", phrase("Møtet")
    PUBLISHED = "published", phrase("Publisert")


class Cause(Worded):
    """Why a medicine is short."""

    PRODUCTION = "production", phrase("Produksjon")
    CAPACITY = "capacity", phrase("Kapasitet")
    QUALITY = "quality", phrase("Kvalitet eller GMP")
    SUBSTANCE = "substance_unavailable", phrase("Mangel på virkestoff")
    EXCIPIENT = "excipient_or_packaging", phrase("Hjelpestoff eller emballasje")
    DISTRIBUTION = "distribution", phrase("Distribusjon")
    DEMAND = "demand_increase", phrase("Økt etterspørsel")
    REGULATORY = "regulatory", phrase("Regulatorisk")
    COMMERCIAL = "deregistration_or_commercial", phrase("Avregistrering eller kommersielt")
    TENDER = "lost_tender_or_not_marketed", phrase("Tapt anbud eller ikke markedsført")
    SITE_MOVED = "production_site_moved", phrase("Flyttet produksjonssted")
    NATURAL_EVENT = "natural_event", phrase("Naturhendelse")
    DOMINO = "domino", phrase("Dominoeffekt")
    UNKNOWN = "unknown", phrase("Ukjent")
    OTHER = "other", phrase("Annet")


class Source(Worded):
    """Who gave notice: exactly Table 1."""

    CHILDREN = "children_network", phrase("Barnenettverket")
    DMP = "dmp", phrase("DMP")
    CENTRE = "centre", phrase("Mangel- og beredskapssenteret")
    HOSPITAL = "hospital", phrase("Sykehus")
    PHARMACY = "hospital_pharmacy", phrase("Sykehusapotek")
    PURCHASING = "purchasing", phrase("Sykehusinnkjøp HF")


class CameBy(Worded):
    """How a report reached the centre, where somebody there wrote it down for whoever gave it."""

    PHONE = "phone", phrase("Telefon")
    EMAIL = "email", phrase("E-post")
    PURCHASING = "purchasing", phrase("Liste fra Sykehusinnkjøp")
    OTHER = "other", phrase("Annen vei")


class Missing(Worded):
    """What of a medicine a reporter cannot get."""

    ALL = "all", phrase("Alt")
    STRENGTH = "strength", phrase("Denne styrken eller formen")
    PACKAGE = "package", phrase("Denne pakningen")


class RunsOut(Worded):
    """When a reporter's own place runs out."""

    NOW = "now", phrase("Tomt nå")
    THREE_DAYS = "3_days", phrase("Innen 3 døgn")
    TWO_WEEKS = "2_weeks", phrase("Innen 2 uker")
    LATER = "later", phrase("Senere eller vet ikke")

    @property
    def told(self) -> Phrase:
        """As it is said of a place: "UNN Tromsø (tomt innen 3 døgn)"."""
        said = {
            RunsOut.NOW: phrase("tomt nå"),
            RunsOut.THREE_DAYS: phrase("tomt innen 3 døgn"),
            RunsOut.TWO_WEEKS: phrase("tomt innen 2 uker"),
            RunsOut.LATER: phrase("tomt senere eller uvisst"),
        }
        return said[self]


class Authorised(Worded):
    """Whether a medicine has a marketing authorisation in Norway."""

    YES = "yes", phrase("Registrert")
    NO = "no", phrase("Uregistrert")
    UNKNOWN = "unknown", phrase("Vet ikke om registrert")


class Goods(Worded):
    """What kind of thing is short: the catalogue's `Scope`, with its words."""

    MEDICINE = "medicine", phrase("Legemiddel")
    DEVICE = "device", phrase("Medisinsk utstyr")
    IVD = "ivd", phrase("Utstyr til laboratorieprøver (IVD)")


class Reported(Worded):
    """What a reporter ticks; unticked means not known."""

    PHARMACY_CONTACTED = "pharmacy_contacted", phrase("Sykehusapoteket er kontaktet")
    CHILDREN = "children", phrase("Gjelder barn")


class Sector(Worded):
    """Where a medicine is used."""

    HOSPITAL = "hospital", phrase("Sykehus")
    PRIMARY = "primary", phrase("Primærhelsetjenesten")
    BOTH = "both", phrase("Begge")


class Criticality(Worded):
    """How bad it is for a patient to go without; nobody has said: not known."""

    HIGH = "high", phrase("Høy")
    MEDIUM = "medium", phrase("Middels")
    LOW = "low", phrase("Lav")


class Group(Worded):
    """Patients whom a shortage hits; a specialty is written in words beside them."""

    CHILDREN = "children", phrase("Barn")
    PREGNANT = "pregnant", phrase("Gravide")
    CANCER = "cancer", phrase("Kreftpasienter")
    TRANSPLANT = "transplant", phrase("Transplanterte")
    INTENSIVE = "intensive_care", phrase("Intensivpasienter")


class Region(Worded):
    """The regional health authorities."""

    NORTH = "north", phrase("Helse Nord")
    MID = "mid", phrase("Helse Midt-Norge")
    WEST = "west", phrase("Helse Vest")
    SOUTH_EAST = "south_east", phrase("Helse Sør-Øst")


class SystemFactor(Worded):
    """What in the system the shortage depends on, beside sector and authorisation (annual report 2025)."""

    BLUE = "blue_prescription", phrase("Blåresept")
    H = "h_prescription", phrase("H-resept")
    B180S = "b180s", phrase("Ligger i B180S")
    FOCUS = "fokuslisten", phrase("Ligger på Fokuslisten")
    B50 = "b50", phrase("Ligger i B50")
    PRIMARY_STOCK = "primary_stock", phrase("Ligger i primærhelsetjenestens lager")
    NO_POOL = "no_pool", phrase("Ligger ikke i noe nasjonalt lager")


class NotRelevant(Worded):
    """Why a notice is no case for hospitals; remembered for when the shortage is extended."""

    PRIMARY = "primary", phrase("Brukes ikke i sykehus")
    ENOUGH = "enough", phrase("Nok på lager")
    EQUIVALENT = "equivalent", phrase("Likeverdig alternativ finnes")
    SHORT = "short", phrase("Varer kort")
    MARKETED = "marketed", phrase("Markedsføres ikke lenger")
    OTHER = "other", phrase("Annet")


USUALLY_NOT_RELEVANT = tuple(reason for reason in NotRelevant if reason is not NotRelevant.OTHER)
"""What is offered where another reason is written in words."""


class Solution(Worded):
    """What was done about a shortage (annual reports of the centre 2025 and of DMP 2024)."""

    FOREIGN_PACKS = "foreign_packs", phrase("Utenlandske pakninger")
    UNREGISTERED = "unregistered_purchase", phrase("Innkjøp av uregistrert preparat")
    OTHER_STRENGTH = "other_strength", phrase("Annen styrke")
    OTHER_FORM = "other_form", phrase("Annen form")
    OTHER_SUBSTANCE = "other_substance", phrase("Annet virkestoff")
    DOSE_REDUCTION = "dose_reduction", phrase("Redusert dose")
    RESTRICTED_INDICATION = "restricted_indication", phrase("Begrenset indikasjon")
    RESERVED = "reserved_for_group", phrase("Forbeholdt en pasientgruppe")
    ACROSS_AGES = "across_age_groups", phrase("Salg på tvers av aldersgrupper")
    LOCAL_PURCHASE = "local_purchase", phrase("Lokalt innkjøp")
    LARGER_STOCK = "larger_stock", phrase("Større lager")
    RATIONING = "rationing", phrase("Rasjonering (DMP)")
    EXPORT_RESTRICTION = "export_restriction", phrase("Eksportbegrensning")
    ALLOCATION = "manual_allocation", phrase("Manuell fordeling")
    MOVED = "moved_between_stocks", phrase("Flyttet mellom lagre")
    PRESCRIBING_WARNING = "prescribing_warning", phrase("Varsel i forskrivningssystemet")
    INFORMATION = "information_letter", phrase("Informasjonsbrev eller blandekort")
    COMPOUNDING = "compounding", phrase("Tilvirkning (SPAS eller NAF)")
    CALL_FOR_SUPPLIERS = "call_for_suppliers", phrase("Utlysning etter nye leverandører")
    NONE_NEEDED = "none_needed", phrase("Ingen tiltak nødvendig")
