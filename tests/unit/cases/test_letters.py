"""The letter to the wards: all that is signed is on it, on A4, and nothing that is not signed becomes one."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from io import BytesIO

import pytest
from lxml import html
from pypdf import PdfReader

from bot.cases.assessments import Assessment, Content, State
from bot.cases.letters import letter_name, letter_page
from bot.clock import SetClock
from bot.paper import Printer, as_pdf
from tests.golden import facts

PRINTER = Printer(clock=SetClock(facts.NOW))
CALL = "ring sykehusapoteket"


def words(one: Assessment, language: str = "nb") -> str:
    page = letter_page(PRINTER, one, CALL, language)
    return " ".join(html.document_fromstring(page).find(".//main").text_content().split())


def test_everything_that_was_assessed_is_on_it() -> None:
    said = words(facts.assessment())
    for expected in (
        "Doxycyclinum TZF 20 mg/ml, polsk pakning i stedet for Doxyferm kons til inf oppl 20 mg/ml",
        "14. aug. 2025. Gjelder til 31. des. 2025. Sak 2025-0310, versjon 2.",
        "Konsentrat til infusjonsvæske, 20 mg/ml, 5 ml (utenlandsk pakning)",
        "Intravenøst",
        "Bare voksneFra 18 år",
        "Inneholder etanol 96 %",
        "Helt eller delvis et annet alfabetPolsk, delvis kyrillisk på esken",
        "2. Fortynn i 250 ml natriumklorid 9 mg/ml.",
        "Sykehusavdelinger, etter ordinasjon fra lege",
        "Behandling av barn, og tabletter",
        "Ingen dose er regnet om. Legen bestemmer dosen. Spørsmål: ring sykehusapoteket.",
        "Infeksjonsmiljøet ved OUS, 12. august 2025",
        "Siri Farm, farmasøyt",
    ):
        assert expected in said
    assert "Mention" not in said
    assert "U0" not in said


def test_what_it_is_only_for_stands_first() -> None:
    one = facts.assessment(content=replace(facts.ASSESSED, use="antidot ved paracetamolforgiftning.", ratio=3.0))
    said = words(one)
    assert "Bare til antidot ved paracetamolforgiftning. Om preparatet" in said
    assert "3" not in said.split("Om preparatet")[0].replace("31", "").replace("2025-0310", "")


@pytest.mark.parametrize("state", [State.DRAFT, State.REPLACED, State.WITHDRAWN])
def test_only_what_is_signed_and_holds_becomes_a_letter(state: State) -> None:
    with pytest.raises(ValueError, match="no letter"):
        letter_page(PRINTER, facts.assessment(state), CALL)
    with pytest.raises(ValueError, match="no letter"):
        letter_page(PRINTER, facts.assessment(today=dt.date(2026, 1, 1)), CALL)


def test_what_is_written_is_no_markup_and_no_file_name_leaves_the_folder() -> None:
    one = facts.assessment(name="../<b>Ødeøy</b>", content=replace(facts.ASSESSED, users="<script>alert(1)</script>"))
    page = letter_page(PRINTER, one, CALL)
    assert "<script>alert" not in page
    assert letter_name(one) == "brev-2025-0310-b-odeoy-b-v2"


AT_LENGTH = replace(
    facts.ASSESSED,
    use="antidot ved paracetamolforgiftning",
    excipients_words="Inneholder etanol 96 % og propylenglykol; se preparatomtalen.",
    mixing_words="1. Trekk opp 5 ml.\n2. Fortynn i 250 ml natriumklorid 9 mg/ml.\n3. Gi over 1 time.\n4. Holdbar 4 t.",
    not_instead="Behandling av barn, og tabletter. Ikke til pasienter som står på disulfiram, og ikke til gravide.",
)


@pytest.mark.pdf
@pytest.mark.parametrize(
    ("language", "ends"),
    [("nb", "gjelder til 31. des. 2025"), ("nn", "gjeld til 31. des. 2025"), ("en", "holds until 31 Dec 2025")],
)
def test_the_pdf_is_one_sheet_of_a4(language: str, ends: str) -> None:
    page = letter_page(PRINTER, facts.assessment(content=AT_LENGTH), CALL, language)
    read = PdfReader(BytesIO(as_pdf(page)))
    assert len(read.pages) == 1
    box = read.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (595, 842)
    assert ends in read.pages[0].extract_text()


def test_all_that_is_read_is_nearly_black_and_nothing_is_said_by_a_colour() -> None:
    """The letter is printed and copied in black and white: its words are dark, whatever their colour, on white."""
    style = letter_page(PRINTER, facts.assessment(), CALL).split("<style>")[1].split("</style>")[0]
    words = re.findall(r"(?<![-\w])color: #(\w+)", style)
    assert words and re.findall(r"background: #(\w+)", style) == ["fff"]
    for colour in words:
        red, green, blue = (int(part, 16) for part in re.findall(".." if len(colour) == 6 else ".", colour))
        scale = 255 if len(colour) == 6 else 15
        assert (0.2126 * red + 0.7152 * green + 0.0722 * blue) / scale < 0.3, colour


@pytest.mark.parametrize(("language", "said"), [("nb", "farmasøyt"), ("nn", "farmasøyt"), ("en", "pharmacist")])
def test_who_signed_is_said_in_the_letters_language(language: str, said: str) -> None:
    assert f"Siri Farm, {said}" in words(facts.assessment(), language)


def test_a_content_is_kept_and_read_again() -> None:
    assert Content.from_json(facts.ASSESSED.as_json()) == facts.ASSESSED
    assert Content.from_json({}) == Content()
    assert not facts.ASSESSED.lacks
