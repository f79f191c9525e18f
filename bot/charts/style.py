"""How our pictures look: sizes, type, lines, Norwegian dates and numbers on the axes.

Made to be read on a phone and without colour: black on white, lines told apart by how they are broken and labelled
where they run, no legend.
"""

from __future__ import annotations

import datetime as dt
import threading
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from bot.messages.words import Language

if TYPE_CHECKING:  # matplotlib takes half a second to import: not before the first picture
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Format = Literal["png", "svg"]

WIDTH_INCHES = 5.4
DOTS_AN_INCH = 200  # 1,080 dots wide: three for each of a phone's
TYPE = 12.0  # points; a third of 33 dots on a phone, as large as the text around it
SMALL_TYPE = 10.5
INK, SOFT, PAPER = "#111111", "#4d4d4d", "#ffffff"
SHADE = "#c9d3da"
MOST_TICKS = 6

ONE_AT_A_TIME = threading.Lock()
"""Held while a picture is made: matplotlib's settings belong to the process, and one core is enough for pictures."""

_STYLE: Any = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so a picture is the same on every machine
    "font.size": TYPE,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.hashsalt": "mangelvakt",
    "text.parse_math": False,  # a "$" in a name is a "$"
}


def figure(height_inches: float, panels: int = 1) -> tuple[Figure, list[Axes]]:
    """An empty picture with `panels` pairs of axes above one another."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE):
        made = Figure(figsize=(WIDTH_INCHES, height_inches), dpi=DOTS_AN_INCH, facecolor=PAPER, layout="constrained")
        axes = made.subplots(panels, 1, squeeze=False)[:, 0]
    return made, list(axes)


def as_bytes(picture: Figure, form: Format = "png") -> bytes:
    """The picture as a file's content; the same picture gives the same bytes."""
    import matplotlib

    file = BytesIO()
    with matplotlib.rc_context(_STYLE):
        metadata = {"Date": None} if form == "svg" else {"Software": None}
        picture.savefig(file, format=form, metadata=metadata)
    return file.getvalue()


def dates_along(axes: Axes, first: dt.date, last: dt.date, words: Language, here: str | None = None) -> None:
    """Dates under axes whose places are days after `first`: months (days, where it is short), as Norwegians write them.

    `here` is what stands at `first` instead of its date: "i dag".
    """
    span = (last - first).days
    axes.set_xlim(0, max(span, 1))
    ticks = date_ticks(first, last)
    said = {(day - first).days: _tick_words(day, first, ticks, words) for day in ticks}
    if here is not None:
        said = {0: here} | {place: words for place, words in said.items() if place > 0.12 * span}
    axes.set_xticks(list(said), list(said.values()))


def date_ticks(first: dt.date, last: dt.date) -> list[dt.date]:
    """At most `MOST_TICKS` dates between `first` and `last`: firsts of months, or days a fixed step apart."""
    span = (last - first).days
    if span <= 75:
        step = next(step for step in (1, 2, 7, 14) if span // step < MOST_TICKS or step == 14)
        return [first + dt.timedelta(day) for day in range(0, span + 1, step)]
    months = [
        dt.date(place // 12, place % 12 + 1, 1)
        for place in range(first.year * 12 + first.month, last.year * 12 + last.month)
    ]
    step = next(step for step in (1, 2, 3, 6, 12) if len(months) / step <= MOST_TICKS or step == 12)
    return [month for month in months if (month.month - 1) % step == 0]


def _tick_words(day: dt.date, first: dt.date, ticks: list[dt.date], words: Language) -> str:
    said = words.daymonth(day)
    if all(tick.day == 1 for tick in ticks):
        said = said.split(" ", 1)[-1]
    new_year = day.year != first.year and all(tick.year != day.year for tick in ticks if tick < day)
    return f"{said}\n{day.year}" if new_year else said


def amounts_up(axes: Axes, most: float, words: Language, *, room_below: float = 0.0) -> None:
    """From nothing to a little above `most`, at a few round numbers. `room_below` the axis, as a share of `most`."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    top = max(most, 1e-9) * 1.12
    axes.set_ylim(-room_below * top, top)
    if most <= 0:
        axes.set_yticks([0], ["0"])
        return
    ticks = [tick for tick in MaxNLocator(4, integer=most >= 4).tick_values(0, top) if 0 <= tick <= top]
    axes.set_yticks(ticks)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value, 0 if most >= 4 else 2)))
    axes.grid(axis="y", color="#e3e3e3", linewidth=0.7)
    axes.set_axisbelow(True)
