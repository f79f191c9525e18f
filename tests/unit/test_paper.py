"""What is printed: nothing that a person wrote becomes markup, and the PDF is one that everybody can read."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from pypdf import PdfReader

from bot import paper
from bot.clock import OSLO, SetClock
from bot.messages.phrase import phrase
from bot.messages.render import TEMPLATES
from bot.paper import Kind, Printer, as_pdf, printed
from bot.refusal import Refused

NOW = dt.datetime(2025, 7, 10, 14, 0, tzinfo=OSLO)
PAGE = """
{% extends "paper/_page.html.j2" %}
{% block title %}{% trans %}Referat{% endtrans %}{% endblock %}
{% block content %}
<p id="said" title="{{ said }}">{{ said }}</p>
<p id="in">{% trans said=said %}Det ble
  sagt: {{ said }}{% endtrans %}</p>
<p id="known">{{ known }}, {{ day|date }}, {{ count|plural("sak", "saker") }}, {{ words }}</p>
{% endblock %}
"""


@pytest.fixture(scope="module")
def printer(tmp_path_factory: pytest.TempPathFactory) -> Printer:
    """One with a page of its own beside the house's."""
    templates = tmp_path_factory.mktemp("templates")
    (templates / "paper").mkdir()
    page = "_page.html.j2"
    (templates / "paper" / page).write_text((TEMPLATES / "paper" / page).read_text("utf-8"), "utf-8")
    (templates / "paper" / "test.html.j2").write_text(PAGE, "utf-8")
    return Printer(templates, clock=SetClock(NOW))


def facts(said: str) -> dict[str, object]:
    return {
        "said": said,
        "known": None,
        "day": dt.date(2025, 9, 15),
        "count": 2,
        "words": phrase("av {who}", who="<b>Kari</b> & {x}"),
    }


def test_values_are_in_words(printer: Printer) -> None:
    page = html.document_fromstring(printer.page("test.html.j2", **facts("alt vel")))
    assert page.get("lang") == "nb"
    assert page.get_element_by_id("in").text_content() == "Det ble sagt: alt vel"
    assert page.get_element_by_id("known").text_content() == "ukjent, 15. sept. 2025, 2 saker, av <b>Kari</b> & {x}"
    assert page.findtext(".//footer") == "Mangelsenteret · skrevet 10. juli 2025 kl. 14.00"


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc"))))
def test_nothing_that_is_written_becomes_markup(printer: Printer, said: str) -> None:
    page = html.document_fromstring(printer.page("test.html.j2", **facts(said)))
    plain = html.document_fromstring(printer.page("test.html.j2", **facts("x")))
    assert [element.tag for element in page.iter()] == [element.tag for element in plain.iter()]
    assert page.get_element_by_id("said").get("title") == said
    assert page.get_element_by_id("said").text_content() == said


@pytest.mark.pdf
@pytest.mark.parametrize("kind", ["pdf/ua-1", "pdf/a-3a"])
def test_the_pdf_is_tagged_and_carries_its_type(printer: Printer, kind: Kind) -> None:
    read = PdfReader(BytesIO(as_pdf(printer.page("test.html.j2", **facts("Ærlig talt – 5 µg × 2")), kind)))
    assert "Ærlig talt – 5 µg × 2" in read.pages[0].extract_text()
    assert "Mangelsenteret · skrevet 10. juli 2025 kl. 14.00" in read.pages[0].extract_text()
    assert read.metadata is not None
    assert read.metadata.title == "Referat"
    assert read.root_object["/Lang"] == "nb"
    assert read.root_object["/MarkInfo"] == {"/Marked": True}
    fonts = [font.get_object()["/BaseFont"] for font in read.pages[0]["/Resources"]["/Font"].values()]
    assert fonts
    assert all("DejaVu" in font for font in fonts)


@pytest.mark.pdf
def test_a_page_fetches_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"><text y="20">hemmelig</text></svg>'
    )
    address = secret.as_uri()
    page = f'<html lang="nb"><title>x</title><p>seen</p><img src="{address}" alt="kept out">'
    page += f'<a rel="attachment" href="{address}">x</a>'
    read = PdfReader(BytesIO(as_pdf(page)))
    assert "seen" in read.pages[0].extract_text()
    assert "hemmelig" not in read.pages[0].extract_text()
    assert not read.attachments


@pytest.mark.pdf
async def test_a_page_is_printed_beside_the_bot_and_who_gives_up_waiting_is_told(
    printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = printer.page("test.html.j2", **facts("Ærlig talt – 5 µg × 2"))
    read = PdfReader(BytesIO(await printed(page)))
    assert "Ærlig talt – 5 µg × 2" in read.pages[0].extract_text()
    monkeypatch.setattr(paper, "PRINTS_WITHIN", 0.01)
    with pytest.raises(Refused, match="ikke ferdig i tide"):
        await printed(page)
