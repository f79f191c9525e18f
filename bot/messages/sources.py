"""Every sentence that a person may read, gathered from templates and code: the source of the catalogues.

python -m bot.messages.sources            writes bot/messages/locale/messages.pot, and into each language's
                                          catalogue an empty entry for what is new
python -m bot.messages.sources --check    compiles every template, judges every sentence and every
                                          translation, writes nothing
"""

from __future__ import annotations

import re
import string
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import jinja2
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import write_po
from jinja2 import nodes
from jinja2.ext import extract_from_ast

import bot
from bot.messages import translations
from bot.messages.render import LOCALES, TEMPLATES, Renderer
from bot.paper import Printer

HOUSE = Path(bot.__file__).parent.parent
CODE = ("bot", "handlers")  # where `phrase("…")` stands
CATALOGUE = LOCALES / "messages.pot"
_IN_CODE = {"phrase": None, "gettext": None, "plural": (2, 3)}
_MAX_SHOWN = 60
_CHANGES_BY_ITSELF = (b'"POT-', b'"PO-', b'"Last-', b'"Language-', b'"Report-', b'"Generated-', b'"Project-')


@dataclass(frozen=True, slots=True)
class Source:
    """A sentence to be translated (with its plural, if it has one), and the file it stands in."""

    file: str
    line: int
    singular: str
    plural: str | None = None


def in_templates(templates: Path = TEMPLATES) -> Iterator[Source]:
    """The sentences of every template; a template that cannot be compiled raises `TemplateSyntaxError`."""
    renderer, printer = Renderer(templates), Printer(templates)
    for path in sorted(templates.rglob("*.j2")):
        name = path.relative_to(templates).as_posix()
        environment: jinja2.Environment = renderer.environment(as_json=name.endswith(".json.j2"))
        if name.endswith((".html.j2", ".md.j2")):
            environment = printer.environment()
        source = path.read_text(encoding="utf-8")
        environment.compile(source, name)
        tree = environment.parse(source, name)
        for line, _, words in extract_from_ast(tree, ("gettext", "ngettext", "_")):
            yield Source(f"templates/{name}", line, *_one_or_two(words))
        for filtered in tree.find_all(nodes.Filter):
            forms = [arg.value for arg in filtered.args if isinstance(arg, nodes.Const)]
            if filtered.name == "plural" and len(forms) == 2:
                yield Source(f"templates/{name}", filtered.lineno, *forms)


def in_code(house: Path = HOUSE, rooms: Iterable[str] = CODE) -> Iterator[Source]:
    """The sentences of every `phrase("…")`."""
    for path in sorted(path for room in rooms for path in (house / room).rglob("*.py")):
        for line, words, _, _ in extract_from_file("python", path, keywords=_IN_CODE):
            yield Source(path.relative_to(house).as_posix(), line, *_one_or_two(words))


def _one_or_two(words: object) -> list[str]:
    """Babel's answer, a string or a sequence with gaps, as a singular and perhaps a plural."""
    found = [words] if isinstance(words, str) else words
    return [word for word in found if isinstance(word, str)][:2] if isinstance(found, list | tuple) else []


def faults(sources: Iterable[Source]) -> Iterator[str]:
    """What would come out wrong, or be lost by a translator: one line for each."""
    for source in sources:
        for words in (source.singular, source.plural):
            if words is not None and (fault := _fault(words, in_template=source.file.startswith("templates/"))):
                yield f"{source.file}:{source.line}: {fault}: «{words[:_MAX_SHOWN]}»"


def _fault(words: str, *, in_template: bool) -> str | None:
    if not words.strip():
        return "an empty sentence"
    if words != words.strip(" "):
        return "begins or ends with a space, which a translator loses: put it outside"
    if in_template:
        places = words.replace("%%", "")
        return "a % that is no place" if re.search(r"%(?!\(\w+\)s)", places) and "%(" in places else None
    try:
        fields = list(string.Formatter().parse(words))
    except ValueError as error:
        return str(error)
    if any(
        name is not None and (spec or conversion or not name.isidentifier()) for _, name, spec, conversion in fields
    ):
        return "a place is a plain name in braces"
    return None


def catalogue(sources: Iterable[Source]) -> bytes:
    """The `.pot` of `sources`: no line numbers or dates, so that it changes only when a sentence does."""
    gathered = Catalog(header_comment="# What Mangelvakt says, in bokmål.", charset="utf-8", fuzzy=False)
    for source in sources:
        words = (source.singular, source.plural) if source.plural else source.singular
        gathered.add(words, locations=[(source.file, source.line)])
    file = BytesIO()
    write_po(file, gathered, width=100, sort_by_file=True, include_lineno=False)
    lines = file.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(_CHANGES_BY_ITSELF))


def main(arguments: list[str]) -> int:
    """Exit 0 done, 1 a template, a sentence or a translation is at fault, 2 wrong call."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("python -m bot.messages.sources [--check]\n")
        return 2
    try:
        sources = [*in_templates(), *in_code()]
    except jinja2.TemplateSyntaxError as error:
        sys.stderr.write(f"templates/{error.name}:{error.lineno}: {error.message}\n")
        return 1
    found = list(faults(sources))
    wanted = translations.gathered((source.singular, source.plural) for source in sources)
    if arguments:
        found += _out_of_step(sources, wanted)
    elif not found:
        _write(sources, wanted)
    for fault in found:
        sys.stderr.write(fault + "\n")
    return 1 if found else 0


def _out_of_step(sources: list[Source], wanted: translations.Wanted) -> Iterator[str]:
    """What the catalogues lack, and what is wrong in them."""
    if not CATALOGUE.exists() or CATALOGUE.read_bytes() != catalogue(sources):
        yield f"{_shown(CATALOGUE)} is not of these sentences: run python -m bot.messages.sources"
    for code in translations.TRANSLATED:
        file = translations.path_of(code, LOCALES)
        yield from translations.faults(code, _shown(file), wanted)


def _write(sources: list[Source], wanted: translations.Wanted) -> None:
    CATALOGUE.parent.mkdir(exist_ok=True)
    CATALOGUE.write_bytes(catalogue(sources))
    for code in translations.TRANSLATED:
        file = translations.path_of(code, LOCALES)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(translations.written(translations.read(code, file), wanted))


def _shown(file: Path) -> Path:
    """As it is named in the house's own folder, if that is where we stand."""
    return file.relative_to(HOUSE) if Path.cwd() == HOUSE else file


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
