"""A published case for those outside Slack: the home page, Felleskatalogen, and a letter to the fagdirektører.

Made of what anybody may read: never quantities, local stock or who reported.
"""

from __future__ import annotations

from bot.cases.public_text import FIELDS
from bot.cases.views import CaseView
from bot.delivery.papers import printed_papers
from bot.delivery.uploads import Paper
from bot.messages.words import SOURCE_LANGUAGE
from bot.paper import Printer


async def papers_of(printer: Printer, case: CaseView) -> list[Paper]:
    """The home page's text in each language that it was written in, Felleskatalogen's, and the letter as PDF too."""
    papers = [
        Paper(f"{case.number}-nettside-{language}.html", case.title, home_page(printer, case, language).encode())
        for language in languages_of(case)
    ]
    papers.append(Paper(f"{case.number}-felleskatalogen.txt", case.title, felleskatalogen(printer, case).encode()))
    return [*papers, *await printed_papers(f"{case.number}-brev-fagdirektorene", case.title, letter(printer, case))]


def languages_of(case: CaseView) -> list[str]:
    """The languages that the text was written in, bokmål first."""
    return [language for language, field in FIELDS.items() if getattr(case, field)]


def home_page(printer: Printer, case: CaseView, language: str = SOURCE_LANGUAGE) -> str:
    """The page for the home page."""
    return printer.page("public_text.html.j2", language, case=case)


def letter(printer: Printer, case: CaseView) -> str:
    """The letter to the fagdirektører."""
    return printer.page("directors_letter.html.j2", SOURCE_LANGUAGE, case=case)


def felleskatalogen(printer: Printer, case: CaseView) -> str:
    """Plain lines: the name, the substance with its ATC code, the period, and the text."""
    words = printer.environment().words
    period = words.date(case.start) if case.start else words.say(None)
    end = words.date(case.expected_end) if case.expected_end else words.say(None)
    lines = [
        case.name,
        " · ".join(filter(None, [case.substance, case.atc])),
        f"{case.status.words}: {period} – {end}",
        "",
        case.advice or "",
        "",
        f"Kilde: Mangelsenteret, sak {case.number}, {words.date(case.changed_at)}",
    ]
    return "\n".join(lines) + "\n"
