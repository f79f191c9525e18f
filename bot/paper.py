"""What leaves Slack on paper: one HTML page that stands alone, and the same as PDF.

A template (`templates/paper/*.html.j2`) extends `_page.html.j2`. Here the templates are HTML, so it is Jinja's own
escaping that keeps a value from becoming markup.
"""

from __future__ import annotations

import asyncio
import re
import sys
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import jinja2
from markupsafe import Markup, escape

from bot.clock import Clock, SystemClock, oslo
from bot.messages.environment import filters_of
from bot.messages.phrase import phrase
from bot.messages.render import LOCALES, TEMPLATES
from bot.messages.words import SOURCE_LANGUAGE, Language, read_language
from bot.refusal import Refused

Kind = Literal["pdf/ua-1", "pdf/a-3a"]

_NO_PRINTER = phrase(
    "PDF kan ikke lages her: Pango mangler på maskinen (Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0). "
    "HTML går."
)
_TOO_SLOW = phrase("PDF-en ble ikke ferdig i tide. HTML går.")

PRINTS_WITHIN = 120.0
"""Seconds after which a page is not waited for any more."""
_CANNOT_PRINT = 69
"""The other process's exit code where the machine has no Pango (EX_UNAVAILABLE of sysexits.h)."""


class PageEnvironment(jinja2.Environment):
    """One language's pages: every value in its words, and escaped."""

    def __init__(self, loader: jinja2.BaseLoader, words: Language, *, autoescape: bool = True) -> None:
        super().__init__(
            loader=loader,
            undefined=jinja2.StrictUndefined,
            autoescape=autoescape,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=self._value,
            extensions=["jinja2.ext.i18n", "jinja2.ext.loopcontrols"],
        )
        self.policies["ext.i18n.trimmed"] = True  # a sentence may be broken over lines
        self.words = words
        self.newstyle_gettext = True  # the i18n extension's own switch
        self.globals |= {"gettext": self._gettext, "ngettext": self._ngettext, "_": self._gettext}
        for name in ("safe", "forceescape", "tojson", "urlize", "xmlattr"):
            del self.filters[name]  # nothing goes round the escaping
        for name in ("capitalize", "lower", "title", "upper"):
            del self.filters[name]  # they take a phrase's bokmål; `inside` and `sentence` say it in the page's language
        self.filters |= filters_of(words) | {"date": words.date}  # with its year: paper is read later

    def _value(self, value: object) -> object:
        return value if isinstance(value, Markup) else self.words.say(value)

    def _gettext(self, source: str, /, **params: object) -> Markup:
        """The template's own words are markup; what is put into them is not."""
        said = Markup(self.words.gettext(source))  # noqa: S704 - ours, from the catalogue
        return said % self._escaped(params) if params else said

    def _ngettext(self, one: str, many: str, number: int, /, **params: object) -> Markup:
        said = Markup(self.words.ngettext(one, many, number))  # noqa: S704 - ours, from the catalogue
        return said % self._escaped(params)

    def _escaped(self, params: Mapping[str, object]) -> dict[str, Markup]:
        return {name: self._escape(self._value(param)) for name, param in params.items()}

    def _escape(self, said: object) -> Markup:
        return escape(said)


_MEANS_SOMETHING = re.compile(r"([\\`*_~\[\]<>|#!])")


class CanvasEnvironment(PageEnvironment):
    """One language's pages of Markdown, as Slack's canvases read it: a value is one line, and never formats anything.

    What a filter or a macro makes of our own words is escaped like a value: these templates have no macros.
    """

    def __init__(self, loader: jinja2.BaseLoader, words: Language) -> None:
        super().__init__(loader, words, autoescape=False)

    def _value(self, value: object) -> object:
        return value if isinstance(value, Markup) else self._escape(self.words.say(value))

    def _escape(self, said: object) -> Markup:
        if isinstance(said, Markup):
            return said
        return Markup(_MEANS_SOMETHING.sub(r"\\\1", " ".join(str(said).split())))  # noqa: S704 - Markdown's own


class Printer:
    """Renders pages by name, in a language. `now` in them is the clock's, unless given."""

    def __init__(self, templates: Path = TEMPLATES, locales: Path = LOCALES, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._locales = locales
        self._loader = jinja2.FileSystemLoader(templates)
        self._environments: dict[tuple[str, bool], PageEnvironment] = {}

    def page(self, template: str, language: str = SOURCE_LANGUAGE, **facts: object) -> str:
        """`paper/<name>.html.j2` as one HTML page: stylesheet inside, nothing fetched, to be opened or sent.

        `paper/<name>.md.j2` as Markdown for a canvas.
        """
        facts = {"now": oslo(self._clock.now()), "language": language, **facts}
        environment = self.environment(language, canvas=template.endswith(".md.j2"))
        return environment.get_template(f"paper/{template}").render(facts)

    def environment(self, language: str = SOURCE_LANGUAGE, *, canvas: bool = False) -> PageEnvironment:
        """Where the pages, or the canvases, of a language are compiled, once."""
        if (language, canvas) not in self._environments:
            words = read_language(language, self._locales)
            made = CanvasEnvironment if canvas else PageEnvironment
            self._environments[language, canvas] = made(self._loader, words)
        return self._environments[language, canvas]


def as_pdf(page: str, kind: Kind = "pdf/ua-1") -> bytes:
    """The page as PDF: A4, tagged so that a screen reader finds its way; `pdf/a-3a` to be kept in an archive.

    Takes from a tenth of a second to many: a bot that others wait for uses `printed`. What the page names is not
    fetched, but for pictures that it carries itself (`data:`). Raises `Refused` where the machine has no Pango.
    """
    try:
        import weasyprint  # half a second, and Pango: not before the first page
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import URLFetcher
    except OSError as error:
        raise Refused(_NO_PRINTER) from error
    fonts = FontConfiguration()
    faces = weasyprint.CSS(string=_font_faces(), font_config=fonts, url_fetcher=URLFetcher(allowed_protocols={"file"}))
    document = weasyprint.HTML(string=page, url_fetcher=URLFetcher(allowed_protocols={"data"}))
    written: Any = document.write_pdf(stylesheets=[faces], font_config=fonts, pdf_variant=kind)
    return bytes(written)


async def printed(page: str, kind: Kind = "pdf/ua-1") -> bytes:
    """As `as_pdf`, in a process of its own, so that nobody waits for the interpreter's lock meanwhile.

    Raises `Refused` where there is no PDF to be had, after `PRINTS_WITHIN` too.
    """
    printer = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.paper", kind, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    try:
        written, said = await asyncio.wait_for(printer.communicate(page.encode()), PRINTS_WITHIN)
    except TimeoutError as error:
        raise Refused(_TOO_SLOW) from error
    finally:
        if printer.returncode is None:
            printer.kill()
            await printer.wait()
    if printer.returncode == _CANNOT_PRINT:
        raise Refused(_NO_PRINTER)
    if printer.returncode != 0:
        why = said.decode(errors="replace").strip().splitlines()[-1:] or [str(printer.returncode)]
        raise Refused(phrase("PDF-en ble ikke laget: {why}", why=why[0][:200]))
    return written


def _font_faces() -> str:
    """The type that comes with matplotlib, so that a page looks the same on every machine."""
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    faces = (
        ("DejaVuSans.ttf", "normal", "normal"),
        ("DejaVuSans-Bold.ttf", "bold", "normal"),
        ("DejaVuSans-Oblique.ttf", "normal", "italic"),
    )
    return "".join(
        f'@font-face {{ font-family: "DejaVu Sans"; font-weight: {weight}; font-style: {style}; '
        f'src: url("{(folder / file).as_uri()}"); }}'
        for file, weight, style in faces
    )


if __name__ == "__main__":
    wanted: Kind = "pdf/a-3a" if "pdf/a-3a" in sys.argv else "pdf/ua-1"
    try:
        sys.stdout.buffer.write(as_pdf(sys.stdin.buffer.read().decode(), wanted))
    except Refused:
        sys.exit(_CANNOT_PRINT)
