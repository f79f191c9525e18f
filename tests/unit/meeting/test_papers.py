"""The digest and the minutes for those outside Slack: pages that stand alone, and sheets with numbers as numbers."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from io import BytesIO

import openpyxl
from lxml import html
from pypdf import PdfReader

from bot.clock import SetClock
from bot.meeting.canvas import cut, digest_canvas
from bot.meeting.digest import Digest
from bot.meeting.papers import digest_page, digest_workbook, mentioned, minutes_page
from bot.paper import Printer, as_pdf
from tests.golden import facts

PRINTER = Printer(clock=SetClock(facts.NOW))
NAMES = {"U00000003": "Siri Senter"}


def words(page: str) -> str:
    return " ".join(html.document_fromstring(page).find(".//main").text_content().split())


def digest() -> Digest:
    return facts.digest(tasks=facts.TASKS)


def test_the_page_says_everything_and_no_ids() -> None:
    said = words(digest_page(PRINTER, digest(), NAMES))
    for expected in (
        "Mangelmøtet uke 29",
        "Trenger beslutning",
        "Valtrex tab 500 mg (valaciklovir)",
        "fordeling etter befolkningstall gjennom fellesferien?",
        "Siri Senter",
        "Nina i Sykehusinnkjøp",
        "Helse Førde",
    ):
        assert expected in said
    assert "U0000" not in said
    assert "Mention" not in said


def test_whoever_is_not_known_by_name_is_somebody_in_slack() -> None:
    assert "en i Slack" in words(digest_page(PRINTER, digest(), {}))
    assert mentioned(digest()) == {"U00000003", "U00000006"}


def test_the_minutes_say_who_was_there_what_was_decided_and_who_does_what() -> None:
    said = words(minutes_page(PRINTER, facts.minutes(), NAMES))
    for expected in (
        "Referat, Mangelmøtet uke 29",
        "mandag 14. juli 2025, fra kl. 11.30 til kl. 12.30",
        "Siri Senter, en i Slack, Nina Nilsen, Sykehusinnkjøp HF",
        "DMP bes om å vurdere rasjonering nå.",
        "ny sluttdato 1. sept. 2025 (ny leveranse bekreftet)",
        "Ikke gjennomgått",
    ):
        assert expected in said


def test_what_people_wrote_is_no_markup_on_paper() -> None:
    nasty = facts.minutes(guests="<script>alert(1)</script>")
    assert "<script" not in minutes_page(PRINTER, nasty, {})
    assert "<script>alert(1)</script>" in words(minutes_page(PRINTER, nasty, {}))


def test_what_people_wrote_is_no_markup_in_a_canvas() -> None:
    hostile = replace(
        facts.digest(), title="# *Møtet*\n- [x](https://x.example) ![](@U00000001) <!channel> ~~borte~~ `kode` | tabell"
    )
    page = digest_canvas(PRINTER, hostile, NAMES)
    (title,) = [line for line in page.splitlines() if "Møtet" in line]
    bare = re.sub(r"\\[\\`*_~\[\]<>|#!]", "", title.removeprefix("# "))
    assert not set(bare) & set("*_[]<>`~|#!"), "nothing formats, links or calls anybody"


def test_a_canvas_says_what_the_page_says_and_slack_takes_it() -> None:
    page = digest_canvas(PRINTER, facts.digest(tasks=facts.TASKS, reviews=facts.REVIEWS), NAMES)
    for said in (
        "# Mangelmøtet uke 29",
        "## Nye",
        "### 1 Valtrex tab 500 mg",
        "Dekker perioden: **nei**",
        "Siri Senter",
    ):
        assert said in page
    assert "U00000003" not in page
    long = cut("linje\n" * 200_000, "Resten står et annet sted.")
    assert len(long) <= 1_048_576 and long.endswith("linje\n\nResten står et annet sted.\n")


def test_the_pdf_is_tagged_and_holds_the_same_words() -> None:
    read = PdfReader(BytesIO(as_pdf(digest_page(PRINTER, digest(), NAMES))))
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]
    said = " ".join(page.extract_text() for page in read.pages)
    assert "Trenger beslutning" in said
    assert "Siri Senter" in said


def test_the_sheet_has_numbers_and_dates_as_such_and_no_formulas() -> None:
    found = digest()
    book = openpyxl.load_workbook(BytesIO(digest_workbook(found, NAMES)))
    assert book.sheetnames == ["Saker", "Oppgaver", "Lagervarsler", "Meldinger", "Restriksjoner"]
    headings, *rows = book["Saker"].values
    assert len(rows) == 3
    upcoming = dict(zip(headings, rows[2], strict=True))
    assert upcoming["Start"] == dt.datetime(2025, 8, 1)
    assert (upcoming["Plass"], upcoming["Nye meldinger"]) == (3, 0)
    assert [row[4] for row in book["Oppgaver"].values][1] == dt.datetime(2025, 7, 16)
    assert dict(list(book["Meldinger"].values)[1:])["Helse Førde"] == 1


def test_a_cell_that_begins_like_a_formula_is_harmless() -> None:
    (bad,) = (facts.TASKS[0],)
    nasty = facts.digest(tasks=(type(bad)(9, '=HYPERLINK("http://x")', "@siri", None),))
    sheet = openpyxl.load_workbook(BytesIO(digest_workbook(nasty, {})))["Oppgaver"]
    cell = sheet["A2"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
