"""The picture of a stock's course: what is likely, what is possible, deliveries, the limit, the shortage's end."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bot.charts import style
from bot.messages.words import BOKMAAL, Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABELLED_DELIVERIES = 4
"""More than so many are marked, and only their number is said."""
FAR_ABOVE = 1.8
"""A limit so many times above everything else is said at the top, or the stock would be a line along the bottom."""
MOST_PANELS = 3


@dataclass(frozen=True, slots=True)
class Course:
    """One stock in `unit` at the end of each day from the chart's first; all words ready to be read.

    `expected` is empty where the course is not known, and `runs_out` then says why; else it says when the stock is
    empty. `before` is the expected course without what is supposed, and `ran_out` its words. `limit` is a quantity.
    """

    name: str
    unit: str
    expected: tuple[float, ...]
    lowest: tuple[float, ...]
    highest: tuple[float, ...]
    runs_out: str
    deliveries: tuple[tuple[int, float], ...] = ()
    limit: float | None = None
    limit_words: str = ""
    before: tuple[float, ...] = ()
    ran_out: str = ""


@dataclass(frozen=True, slots=True)
class StockChart:
    """A picture of up to `MOST_PANELS` courses from `first` on, and `alt`, which tells the same in words.

    `words` are those that the picture itself needs: today, delivery, deliveries. `end` is the expected end of the
    shortage in days after `first`.
    """

    title: str
    alt: str
    first: dt.date
    days: int
    courses: tuple[Course, ...]
    words: Mapping[str, str]
    end: int | None = None
    end_words: str = ""
    note: str = ""
    language: str = "nb"

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the message that it goes with."""
        return asdict(self) | {"first": self.first.isoformat(), "words": dict(self.words)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> StockChart:
        """What `as_json` gave."""
        courses = tuple(
            Course(**{name: _tuples(value) for name, value in course.items()}) for course in kept["courses"]
        )
        return cls(**{**kept, "first": dt.date.fromisoformat(kept["first"]), "courses": courses})


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list | tuple) else value


def draw(chart: StockChart, form: style.Format = "png") -> bytes:
    """The picture as a file's content. Takes about a tenth of a second a course; do it off the event loop."""
    words = Language(chart.language, BOKMAAL.gettext, BOKMAAL.ngettext)
    courses = chart.courses[:MOST_PANELS]
    title = "\n".join(textwrap.wrap(chart.title, 44)[:2])
    note = "\n".join(textwrap.wrap(chart.note, 62)[:3])
    height = 0.3 * (title.count("\n") + 1) + 0.2 * (note.count("\n") + 1 if note else 0)
    height += 3.0 if len(courses) == 1 else 2.35 * len(courses)
    with style.ONE_AT_A_TIME:
        picture, panels = style.figure(height, len(courses))
        picture.suptitle(title, x=0.02, ha="left", fontsize=style.TYPE, fontweight="bold")
        if note:
            picture.supxlabel(note, x=0.02, ha="left", fontsize=style.SMALL_TYPE, color=style.SOFT)
        for axes, course in zip(panels, courses, strict=True):
            _panel(axes, chart, course, words, alone=len(courses) == 1)
        return style.as_bytes(picture, form)


def _panel(axes: Axes, chart: StockChart, course: Course, words: Language, *, alone: bool) -> None:
    heading = course.unit if alone else f"{course.name} · {course.unit}"
    axes.set_title(heading, loc="left", fontsize=style.SMALL_TYPE if alone else style.TYPE)
    most = max((*course.highest, *course.before, 0.0))
    limit_fits = course.limit is not None and course.limit <= FAR_ABOVE * most
    top = max(most, course.limit or 0.0) if limit_fits else most
    last = chart.first + dt.timedelta(chart.days - 1)
    rows = [f"{mark}{row}" for mark, row in _rows(course)]
    style.amounts_up(axes, top, words, room_below=0.14 * len(rows))
    style.dates_along(axes, chart.first, last, words, here=chart.words["today"])
    axes.axhline(0, color=style.SOFT, linewidth=0.9)
    axes.spines["bottom"].set_visible(False)
    days = range(len(course.expected))
    if course.expected:
        axes.fill_between(days, course.lowest, course.highest, color=style.SHADE, linewidth=0)
        for edge in (course.lowest, course.highest):
            axes.plot(days, edge, color=style.SOFT, linewidth=0.8)
        axes.plot(days, course.expected, color=style.INK, linewidth=2.4, solid_capstyle="butt")
    if course.before:
        axes.plot(range(len(course.before)), course.before, color=style.INK, linewidth=1.7, dashes=(4, 2.2))
    _limit(axes, chart, course, fits=limit_fits)
    _deliveries(axes, chart, course, words)
    _end(axes, chart, course)
    for place, row in enumerate(rows):
        axes.text(
            0.012,
            (0.14 * (len(rows) - place) - 0.09) / (1 + 0.14 * len(rows)),
            row,
            transform=axes.transAxes,
            fontsize=style.SMALL_TYPE,
            va="center",
            fontweight="bold" if place == len(rows) - 1 else "normal",
        )
    for line, filled in ((course.before, False), (course.expected, True)):
        if line and 0 in line:
            face = style.INK if filled else style.PAPER
            axes.plot(
                line.index(0), 0, "o", markersize=7, color=style.INK, markerfacecolor=face, clip_on=False, zorder=5
            )


def _rows(course: Course) -> list[tuple[str, str]]:
    """What stands under the axis, each with a piece of the line that it speaks of, where there are two lines."""
    if not course.ran_out:
        return [("", course.runs_out)] if course.runs_out else []
    return [("╌╌ ", course.ran_out), ("━━ ", course.runs_out)]


_PAPER_BEHIND = {"boxstyle": "square,pad=0.12", "facecolor": style.PAPER, "edgecolor": "none", "alpha": 0.85}


def _limit(axes: Axes, chart: StockChart, course: Course, *, fits: bool) -> None:
    if course.limit is None:
        return
    if not fits:
        said = f"↑ {course.limit_words}"
        axes.text(1, 1.02, said, transform=axes.transAxes, ha="right", fontsize=style.SMALL_TYPE)
        return
    axes.axhline(course.limit, color=style.INK, linewidth=1.2, linestyle=(0, (6, 2, 1, 2)))
    top = axes.get_ylim()[1]
    first_days = range(int(1.3 * LABEL_WIDTH * chart.days))
    left = all(_clear(course, day, course.limit + 0.05 * top, 0.05 * top) for day in first_days)
    axes.annotate(
        course.limit_words,
        (0 if left else 1, course.limit),
        xycoords=("axes fraction", "data"),
        xytext=(3 if left else -2, 3),
        textcoords="offset points",
        ha="left" if left else "right",
        va="bottom",
        fontsize=style.SMALL_TYPE,
        bbox=_PAPER_BEHIND,
    )


def _deliveries(axes: Axes, chart: StockChart, course: Course, words: Language) -> None:
    coming = [(day, quantity) for day, quantity in course.deliveries if 0 <= day < chart.days]
    height = axes.get_ylim()[1]
    for day, quantity in coming:
        axes.plot([day, day], [0, 0.86 * height], color=style.SOFT, linewidth=0.9, linestyle=(0, (1, 2)))
        axes.plot(day, 0.86 * height, marker="v", markersize=7, color=style.INK)
        if len(coming) <= LABELLED_DELIVERIES:
            said = f"+{words.number(quantity, 0)}"
            early = day < 0.1 * chart.days
            axes.text(
                day,
                0.92 * height,
                f"{chart.words['delivery']} {said}" if day == coming[0][0] else said,
                ha="left" if early else "right" if day > 0.8 * chart.days else "center",
                va="bottom",
                fontsize=style.SMALL_TYPE,
                bbox=_PAPER_BEHIND,
            )
    if len(coming) > LABELLED_DELIVERIES:
        total = words.number(sum(quantity for _, quantity in coming), 0)
        said = f"▼ {len(coming)} {chart.words['deliveries']}, +{total}"
        axes.text(
            0.99,
            0.99,
            said,
            transform=axes.transAxes,
            ha="right",
            va="top",
            fontsize=style.SMALL_TYPE,
            bbox=_PAPER_BEHIND,
        )


def _end(axes: Axes, chart: StockChart, course: Course) -> None:
    if chart.end is None or not 0 <= chart.end < chart.days:
        return
    top = axes.get_ylim()[1]
    axes.plot([chart.end, chart.end], [0, top], color=style.INK, linewidth=1.3, linestyle=(0, (5, 3)))
    height, after = _free_place(chart, course, chart.end, top)
    axes.annotate(
        chart.end_words,
        (chart.end, height * top),
        xytext=(4 if after else -4, 0),
        textcoords="offset points",
        ha="left" if after else "right",
        va="center",
        fontsize=style.SMALL_TYPE,
        bbox=_PAPER_BEHIND,
    )


LABEL_WIDTH, LABEL_HEIGHT = 0.42, 0.09
"""About how much of the axes' width and height a label beside a line takes."""


def _free_place(chart: StockChart, course: Course, at: int, top: float) -> tuple[float, bool]:
    """Where a label beside the line at day `at` hides no course: its height (0-1), and whether it stands after it."""
    width = int(LABEL_WIDTH * chart.days)
    sides = [after for after, fits in ((True, at + width < chart.days), (False, at - width > 0)) if fits]
    for height in (0.66, 0.5, 0.36, 0.8, 0.2):
        for after in sides or [at < chart.days / 2]:
            days = range(at, at + width) if after else range(at - width, at)
            if all(_clear(course, day, height * top, LABEL_HEIGHT * top) for day in days):
                return height, after
    return 0.66, sides[0] if sides else at < chart.days / 2


def _clear(course: Course, day: int, height: float, margin: float) -> bool:
    if not 0 <= day < len(course.expected):
        return True
    free = not course.lowest[day] - margin < height < course.highest[day] + margin
    return free and (not course.before or abs(course.before[day] - height) > margin)
