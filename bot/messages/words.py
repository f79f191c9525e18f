"""Values in words: dates, days, numbers as Norwegians write them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.clock import oslo
from bot.messages.phrase import Phrase, phrase

SOURCE_LANGUAGE = "nb"
LANGUAGES: Mapping[str, tuple[str, ...]] = {
    "nb": ("bokmål", "bokmaal", "bokmal", "norsk", "norwegian", "nb", "no"),
    "nn": ("nynorsk", "nn"),
    "en": ("english", "engelsk", "en"),
}
"""Each language we have, and what people call it; its own name is the first."""

THIN_SPACE = "\u202f"  # narrow and unbroken, between thousands

_MONTHS = {
    "nb": ["jan.", "feb.", "mars", "april", "mai", "juni", "juli", "aug.", "sept.", "okt.", "nov.", "des."],
    "en": ["Jan", "Feb", "March", "April", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec"],
}
_MONTHS["nn"] = _MONTHS["nb"]
_WEEKDAYS = {
    "nb": ["mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"],
    "nn": ["måndag", "tysdag", "onsdag", "torsdag", "fredag", "laurdag", "sundag"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
}


def language_named(words: str) -> str | None:
    """The code of the language that a person calls so."""
    name = words.strip().casefold()
    return next((code for code, names in LANGUAGES.items() if name in names), None)


@dataclass(frozen=True, slots=True)
class DayMonth:
    """A date in a phrase, said without its year."""

    day: dt.date


@dataclass(frozen=True, slots=True)
class Days:
    """A number of days in a phrase, said with the word in its number."""

    count: float

    def __str__(self) -> str:
        return BOKMAAL.days(self.count)


@dataclass(frozen=True, slots=True)
class Inside:
    """Words of a closed list as they stand within a sentence: "mangel på virkestoff", but "DMP" and "B180S"."""

    words: Phrase

    def __str__(self) -> str:
        return BOKMAAL.inside(self.words)


_PLURALS = {
    "tablett": phrase("tabletter"),
    "kapsel": phrase("kapsler"),
    "ampulle": phrase("ampuller"),
    "hetteglass": phrase("hetteglass"),
    "pose": phrase("poser"),
    "flaske": phrase("flasker"),
    "sprøyte": phrase("sprøyter"),
    "penn": phrase("penner"),
    "dose": phrase("doser"),
    "plaster": phrase("plastre"),
    "stikkpille": phrase("stikkpiller"),
    "tube": phrase("tuber"),
    "inhalator": phrase("inhalatorer"),
    "pakning": phrase("pakninger"),
    "endosebeholder": phrase("endosebeholdere"),
    "ie": phrase("IE"),
}


def units(unit: str) -> Phrase | str:
    """A unit of stock in the plural, as it stands after a number: "tabletter"; "mg" stays."""
    return _PLURALS.get(unit, unit)


@dataclass(frozen=True)
class Language:
    """One language's words: its catalogue's two functions, and how it writes dates and numbers."""

    code: str
    gettext: Callable[[str], str]
    ngettext: Callable[[str, str, int], str]

    def say(self, value: object) -> str:
        """Any value as a person would read it. None is "ukjent": what is not known is said."""
        match value:
            case str():
                return value
            case None:
                return self.gettext("ukjent")
            case bool():
                return self.gettext("ja") if value else self.gettext("nei")
            case tuple():
                return ", ".join(self.say(one) for one in value)
            case Phrase():
                params = {name: self.say(param) for name, param in value.params.items()}
                return self.gettext(value.source).format(**params)
            case dt.datetime():
                return f"{self.date(value)} {self.clock(value)}"
            case dt.date():
                return self.date(value)
            case dt.time():
                return self.clock(value)
            case float() | Decimal():
                return self.number(value)
            case DayMonth():
                return self.daymonth(value.day)
            case Days():
                return self.days(value.count)
            case Inside():
                return self.inside(value.words)
        return str(value)

    def inside(self, value: object) -> str:
        """A value's words with a small first letter, unless they begin with an abbreviation."""
        said = self.say(value)
        return said if said[1:2].isupper() or said[1:2].isdigit() else f"{said[:1].lower()}{said[1:]}"

    def date(self, day: dt.date | None, now: dt.date | None = None) -> str:
        """ "15. sept. 2025"; without the year where it is that of `now`."""
        if day is None:
            return self.say(None)
        year = _local(day).year
        this_year = now is not None and _local(now).year == year
        return self.daymonth(day) if this_year else f"{self.daymonth(day)} {year}"

    def daymonth(self, day: dt.date | None) -> str:
        """ "15. sept." """
        if day is None:
            return self.say(None)
        day = _local(day)
        month = _MONTHS.get(self.code, _MONTHS["nb"])[day.month - 1]
        return f"{day.day} {month}" if self.code == "en" else f"{day.day}. {month}"

    def weekday(self, day: dt.date | None) -> str:
        """ "onsdag" """
        if day is None:
            return self.say(None)
        return _WEEKDAYS.get(self.code, _WEEKDAYS["nb"])[_local(day).weekday()]

    def clock(self, at: dt.datetime | dt.time | None) -> str:
        """ "14.00", in Oslo."""
        if at is None:
            return self.say(None)
        shown = oslo(at) if isinstance(at, dt.datetime) and at.tzinfo else at
        return f"{shown:%H:%M}" if self.code == "en" else f"{shown:%H.%M}"

    def days(self, count: float | None) -> str:
        """ "1 dag", "107 dager"."""
        return self.plural(count, "dag", "dager")

    def plural(self, count: float | None, one: str, many: str) -> str:
        """A number and the word that goes with it: `{{ n|plural("sak", "saker") }}`."""
        if count is None:
            return self.say(None)
        return f"{self.number(count)} {self.ngettext(one, many, 1 if count == 1 else 2)}"

    def number(self, value: float | Decimal | None, decimals: int = 1) -> str:
        """ "12 500", "3,5": at most `decimals` decimals, thin spaces from five digits on."""
        if value is None:
            return self.say(None)
        written = f"{value:,.{decimals}f}"
        written = written.rstrip("0").rstrip(".") if "." in written else written
        if -10_000 < value < 10_000:
            written = written.replace(",", "")
        written = "0" if written == "-0" else written.replace("-", "−")
        return written if self.code == "en" else written.replace(",", THIN_SPACE).replace(".", ",")

    def percent(self, share: float) -> str:
        """ "4,6 %", "4.6%": always one decimal, as in a table."""
        written = f"{share:.1f}"
        return f"{written}%" if self.code == "en" else f"{written.replace('.', ',')} %"

    def listed(self, values: Iterable[object]) -> str:
        """ "a, b og c"."""
        *first, last = [self.say(value) for value in values] or [""]
        together = self.gettext("og")
        return f"{', '.join(first)} {together} {last}" if first else last

    def sentence(self, value: object) -> str:
        """With a capital letter and a full stop."""
        text = self.say(value).strip()
        text = text[:1].upper() + text[1:]
        return text if not text or text[-1] in ".!?…:" else text + "."

    def clause(self, value: object) -> str:
        """Without its full stop, to go on in a sentence or to end one."""
        return self.say(value).strip().removesuffix(".")


BOKMAAL = Language(SOURCE_LANGUAGE, NullTranslations().gettext, NullTranslations().ngettext)


def _local(day: dt.date) -> dt.date:
    return oslo(day) if isinstance(day, dt.datetime) and day.tzinfo else day


def read_language(code: str, locales: Path) -> Language:
    """The words of `code` from `<locales>/<code>/LC_MESSAGES/messages.po`; without it, the source's."""
    catalogue = locales / code / "LC_MESSAGES" / "messages.po"
    translations = NullTranslations()
    if code != SOURCE_LANGUAGE and catalogue.exists():
        compiled = BytesIO()
        write_mo(compiled, read_po(BytesIO(catalogue.read_bytes()), locale=code))
        compiled.seek(0)
        translations = GNUTranslations(compiled)
    return Language(code, translations.gettext, translations.ngettext)
