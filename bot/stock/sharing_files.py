"""A decided delivery as files for the wholesaler: who gets how many packages."""

from __future__ import annotations

from bot import spreadsheet
from bot.delivery.uploads import Paper
from bot.messages.phrase import phrase
from bot.messages.words import BOKMAAL, Language
from bot.stock.sharing import AllocationView

_WIDTHS = (12, 44, 10, 12, 22, 11, 8, 15, 40)


def as_xlsx(view: AllocationView, words: Language = BOKMAAL) -> bytes:
    """A workbook with one table: a row a receiver."""
    book = spreadsheet.Workbook(f"{view.title} {view.number}", words)
    book.table(phrase("Fordeling"), _WIDTHS, *view.table())
    return book.as_bytes()


def as_csv(view: AllocationView, words: Language = BOKMAAL) -> bytes:
    """The same rows, as Excel in Norwegian opens them."""
    headings, rows = view.table()
    return spreadsheet.as_csv([headings, *rows], words)


def papers_of(view: AllocationView, words: Language = BOKMAAL) -> list[Paper]:
    """Both, named by the case and the delivery."""
    name = f"{view.case}-leveranse-{view.number}"
    title = words.say(phrase("{title}, leveranse {number}", title=view.title, number=view.number))
    return [Paper(f"{name}.xlsx", title, as_xlsx(view, words)), Paper(f"{name}.csv", title, as_csv(view, words))]
