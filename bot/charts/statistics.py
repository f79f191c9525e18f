"""The year's figures as pictures: cases by ATC group, and unregistered medicines by year and by ATC group."""

from __future__ import annotations

import struct
import textwrap
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from bot.cases.statistics import CaseFilter, Statistics
from bot.cases.statistics_tables import atc_words, heading_of, shown
from bot.charts import style
from bot.messages.phrase import phrase
from bot.messages.words import BOKMAAL, Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KIND = "statistikk"
"""Tells a kept picture from that of a stock."""
Bar = tuple[str, int, str]
"""What stands at the left, how many, and what stands at the bar's end."""

INCHES_A_BAR, INCHES_A_TITLE, MOST_LETTERS = 0.34, 0.75, 32


def alt_text(found: Statistics, only: CaseFilter, words: Language = BOKMAAL) -> str:
    """The same in words, for whoever does not see the picture."""
    parts = [words.say(heading_of(found, only)), words.say(phrase("{n} behandlet", n=found.handled))]
    parts += [
        f"{title}: {', '.join(f'{label} {value}' for label, _, value in bars)}" for title, bars in _panels(found, words)
    ]
    return ". ".join(parts) + "."


@dataclass(frozen=True, slots=True)
class YearChart:
    """The picture as plain values, every word ready to be read. `alt` tells the same in words; `words`: "lost".

    `one_scale`: bars of different panels can be compared.
    """

    title: str
    alt: str
    panels: tuple[tuple[str, tuple[Bar, ...]], ...]
    words: Mapping[str, str]
    one_scale: bool = False

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the message that it goes with."""
        kept = {"title": self.title, "alt": self.alt, "panels": self.panels, "words": dict(self.words)}
        return {"kind": KIND, **kept, "one_scale": self.one_scale}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> YearChart:
        """What `as_json` gave."""
        panels = tuple((title, tuple((label, n, value) for label, n, value in bars)) for title, bars in kept["panels"])
        return cls(kept["title"], kept["alt"], panels, kept["words"], bool(kept.get("one_scale")))


def year_chart(found: Statistics, only: CaseFilter, words: Language = BOKMAAL) -> YearChart:
    """What the picture of these figures shows."""
    return YearChart(
        title=words.say(heading_of(found, only)),
        alt=alt_text(found, only, words),
        panels=tuple((title, tuple(bars)) for title, bars in _panels(found, words))
        or ((words.say(phrase("Ingen saker.")), ()),),
        words={"lost": words.say(phrase("Bildet kom ikke med. Det viste:"))},
    )


def as_picture(found: Statistics, only: CaseFilter, form: style.Format, words: Language = BOKMAAL) -> bytes:
    """PNG or SVG, with the alt text in the file."""
    return draw(year_chart(found, only, words), form)


def draw(chart: YearChart, form: style.Format = "png") -> bytes:
    """The picture as a file's content. Takes some tenths of a second; do it off the event loop."""
    sizes = [INCHES_A_TITLE + INCHES_A_BAR * max(len(bars), 1) for _, bars in chart.panels]
    picture, axes = style.figure(sum(sizes) + INCHES_A_TITLE, len(chart.panels))
    axes[0].get_gridspec().set_height_ratios(sizes)  # type: ignore[union-attr]
    picture.suptitle(chart.title, fontsize=style.TYPE, fontweight="bold")
    most = max((n for _, bars in chart.panels for _, n, _ in bars), default=0) if chart.one_scale else 0
    for one, (title, bars) in zip(axes, chart.panels, strict=True):
        _draw(one, title, bars, most)
    made = style.as_bytes(picture, form)
    return _described_png(made, chart.alt) if form == "png" else _described_svg(made, chart.alt)


def _panels(found: Statistics, words: Language) -> list[tuple[str, list[Bar]]]:
    if not found.handled:
        return []
    by_year = [
        (str(line.year), line.n, f"{line.n} ({shown(line.share, words, share=True)})")
        for line in found.by_year
        if line.handled
    ]
    by_atc: list[Bar] = [(words.say(atc_words(key)), n, str(n)) for key, n in found.atc.items()]
    panels = [
        (words.say(phrase("Saker etter ATC-hovedgruppe")), by_atc),
        (words.say(phrase("Uregistrerte preparater")), by_year),
    ]
    if found.unregistered_atc:
        unregistered: list[Bar] = [(words.say(atc_words(key)), n, str(n)) for key, n in found.unregistered_atc.items()]
        panels.append((words.say(phrase("Uregistrerte etter ATC")), unregistered))
    return panels


def _draw(axes: Axes, title: str, bars: Sequence[Bar], most: int) -> None:
    """Horizontal bars, the first at the top, each with its number at its end: no axis to read off.

    `most`: a number that the scale has room for too.
    """
    axes.set_title(title, loc="left", fontsize=style.TYPE, color=style.INK)
    places = list(range(len(bars)))
    numbers = [n for _, n, _ in bars]
    axes.barh(places, numbers, color=style.SHADE, edgecolor=style.INK, linewidth=0.8)
    axes.set_yticks(
        places,
        [textwrap.shorten(label, MOST_LETTERS, placeholder="…") for label, _, _ in bars],
        fontsize=style.SMALL_TYPE,
    )
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(0, max([*numbers, most, 1]) * 1.5)
    for place, (_, n, value) in enumerate(bars):
        axes.annotate(value, (n, place), xytext=(4, 0), textcoords="offset points", va="center")


def _described_png(picture: bytes, alt: str) -> bytes:
    """The picture with `alt` in an iTXt chunk after its header (PNG specification, 11.3.3.4)."""
    body = b"iTXtDescription\x00\x00\x00nb\x00\x00" + alt.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    header = 8 + 4 + 4 + 13 + 4  # the signature, and IHDR's length, name, data and checksum
    return picture[:header] + chunk + picture[header:]


def _described_svg(picture: bytes, alt: str) -> bytes:
    """The picture with `alt` as its title, which screen readers say."""
    start = picture.index(b">", picture.index(b"<svg")) + 1
    return picture[:start] + f"\n <title>{escape(alt)}</title>".encode() + picture[start:]
