"""What people try, one thing at a time; the bent payloads beside this try it in every place at once."""

from __future__ import annotations

import io
import logging
import zipfile

import openpyxl
import pytest

from bot import spreadsheet
from bot.logs import PlainLines
from bot.messages.render import Renderer
from tests.hostile.attack import attack, recorded
from tests.journeys.conftest import furnished
from tests.unit.registers.test_sheets import read, workbook

TEMPLATE_CODE = "{{ 7*7 }}{% for x in y %} {{ ''.__class__.__mro__[1].__subclasses__() }} {# x #}"


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_template_code_in_a_text_is_text(language: str) -> None:
    message = Renderer().render("notice.j2", language, said=TEMPLATE_CODE)
    assert "{{ 7*7 }}{% for x in y %}" in message.text
    assert "49" not in message.text
    view = Renderer().render_view(
        "modals/words.json.j2", language, title=TEMPLATE_CODE[:20], words="notice.j2", facts={"said": TEMPLATE_CODE}
    )
    assert "49" not in str(view)


def test_text_that_turns_the_writing_around_or_breaks_a_database_is_cleaned_before_it_is_shown() -> None:
    said = Renderer().render("notice.j2", "nb", said="a\u202eb\u2066c\ud800d\x00e\x1bf").text
    assert said == "abcdef"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_text_out_to_a_spreadsheet_is_no_formula(start: str) -> None:
    words = f'{start}HYPERLINK("http://ond.example")'
    (line,) = spreadsheet.as_csv([[words]]).decode("utf-8-sig").split("\r\n\r\n")[:1]
    assert line.lstrip('"').startswith("'")
    book = spreadsheet.Workbook("x")
    book.sheet("y", [9]).row([words])
    cell = openpyxl.load_workbook(io.BytesIO(book.as_bytes())).active["A1"]
    assert cell.data_type == "s"


def test_macros_in_a_sheet_are_neither_run_nor_read() -> None:
    plain = workbook(["lager", "preparat", "beholdning"], ["B50", "Valtrex tab 500 mg", 7])
    kept = io.BytesIO(plain)
    with zipfile.ZipFile(kept, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 Auto_Open Shell cmd.exe")
    assert str(read(kept.getvalue(), filename="lager.xlsm")) == str(read(plain, filename="lager.xlsm"))


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_no_token_stands_in_any_line_whatever_the_level(tmp_path: object) -> None:
    """Every logger, down to what slack_sdk and aiohttp say while they are being debugged."""
    async with furnished(f"sqlite:///{tmp_path}/base.sqlite") as house:
        secrets = house.bot.settings.secrets()
        assert {house.ws.bot_token, house.ws.app_token} <= set(secrets)
        heard: list[str] = []
        ear = logging.StreamHandler()
        ear.setFormatter(PlainLines(secrets))
        ear.emit = lambda record: heard.append(ear.format(record))  # type: ignore[method-assign]
        root = logging.getLogger()
        level = root.level
        root.addHandler(ear)
        root.setLevel(logging.DEBUG)
        try:
            await attack(house, await recorded(house), 60, seed=7)
            await house.ws.disconnect()
            await house.ws.connected()
        finally:
            root.setLevel(level)
            root.removeHandler(ear)
    assert len(heard) > 100
    for secret in (*secrets, "Bearer xox", "xapp-"):
        assert not [line for line in heard if secret in line]
