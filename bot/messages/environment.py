"""Jinja2 as the templates use it: every value protected, and nothing that could go round that."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from functools import cache
from types import CodeType
from typing import Any

import jinja2
from jinja2 import nodes, pass_context
from jinja2.bccache import Bucket
from jinja2.ext import Extension
from jinja2.runtime import Context

from bot.messages.layout import NEW_SECTION
from bot.messages.limits import shorten
from bot.messages.phrase import Phrase, phrase
from bot.messages.values import ChannelLink, Link, Mention, Words, hide, quote
from bot.messages.words import Language, units

_IN_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
SOMEBODY_ELSEWHERE = phrase("en bruker i et annet arbeidsområde")
A_CHANNEL_ELSEWHERE = phrase("en kanal i et annet arbeidsområde")


class MadeBlock(dict[str, Any]):
    """A block of a line-language template, on its way into a view; its values are hidden already."""


class LineLanguage(Extension):
    """Makes the template's lines count as they are seen in an editor.

    An empty line begins a new section; a line that holds nothing but tags is no line. (A newline that is
    taken out moves into a comment, so that errors name the right line.)
    """

    _EMPTY_LINE = re.compile(r"^[ \t]*\n", re.MULTILINE)
    _TAGS_ALONE = re.compile(
        r"^([ \t]*(?:(?:\{%(?:(?!%\}).)*%\}|\{#(?:(?!#\}).)*#\})[ \t]*)+)\n", re.MULTILINE | re.DOTALL
    )

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The template's source with its empty lines marked and its lines of tags joined to the next."""
        source = self._EMPTY_LINE.sub(NEW_SECTION + "\n", source if source.endswith("\n") else source + "\n")
        return self._TAGS_ALONE.sub(r"\1{#\n#}", source)


class Compiled(jinja2.BytecodeCache):
    """Templates that are compiled already, so that the next environment of their kind need not do it again."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code of the same source, if there is any."""
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        assert bucket.code is not None  # noqa: S101 - Jinja dumps what it has compiled
        self._code[bucket.key, bucket.checksum] = bucket.code


@cache
def compiled(kind: str, language: str) -> Compiled:
    """What this process has compiled of a kind of template in a language: its filters may be worked out at once."""
    return Compiled()


class TemplateEnvironment(jinja2.Environment):
    """One language's templates: those of lines, or (`as_json`) those of views."""

    def __init__(self, loader: jinja2.BaseLoader, words: Language, *, as_json: bool) -> None:
        super().__init__(  # no autoescape: HTML's escaping is not Slack's, `finalize` protects every value
            loader=loader,
            undefined=jinja2.StrictUndefined,
            keep_trailing_newline=True,
            finalize=self._value_as_json if as_json else self._value,
            bytecode_cache=compiled("view" if as_json else "lines", words.code),
            extensions=["jinja2.ext.i18n", "jinja2.ext.loopcontrols", *([] if as_json else [LineLanguage])],
        )
        self.words = words
        self.as_json = as_json
        self.newstyle_gettext = True  # the i18n extension's own switch
        self.globals |= {
            "gettext": self._gettext,
            "ngettext": self._ngettext,
            "_": self._underscore,
            "Mention": Mention,
            "Link": Link,
            "ChannelLink": ChannelLink,
        }
        for name in ("safe", "escape", "e", "forceescape", "tojson", "urlize", "xmlattr"):
            del self.filters[name]  # they speak HTML
        self.filters |= filters_of(words) | {
            "shorten": lambda value, limit: shorten(words.say(value), limit),
            "quote": lambda value: quote(words.say(value)),
            "upper": lambda value: words.say(value).upper(),
            "lower": lambda value: words.say(value).lower(),
            "capitalize": lambda value: words.say(value).capitalize(),
        }

    # --- what becomes of a value ------------------------------------------------------------------

    def _value(self, value: object) -> str:
        if isinstance(value, str):
            return value if isinstance(value, Words) else hide(value)
        match value:
            case Mention() if value.elsewhere:
                return hide(self.words.say(SOMEBODY_ELSEWHERE))
            case ChannelLink() if value.elsewhere:
                return hide(self.words.say(A_CHANNEL_ELSEWHERE))
            case Mention() | Link() | ChannelLink():
                return value.hidden()
            case Phrase():  # its words are ours, what is put into them is not
                params = {name: self._value(param) for name, param in value.params.items()}
                return Words(self.words.gettext(value.source).format(**params))
        return hide(self.words.say(value))

    def _value_as_json(self, value: object) -> str:
        return _IN_JSON.encode(self._in_json(value))

    def _in_json(self, value: object) -> Any:
        if isinstance(value, str):
            return self._value(value)
        match value:
            case MadeBlock() | None | bool() | int() | float():
                return value
            case dt.date() if not isinstance(value, dt.datetime):
                return value.isoformat()
            case dict():
                return {str(key): self._in_json(item) for key, item in value.items()}
            case list() | tuple():
                return [self._in_json(item) for item in value]
        return str(self._value(value))

    # --- words in a language ----------------------------------------------------------------------

    def _gettext(self, source: str, /, **params: object) -> Words:
        """What `{% trans %}` becomes. Its words are the template's own; what is put into them is not."""
        return Words(self.words.gettext(source) % self._params(params))

    def _ngettext(self, one: str, many: str, number: int, /, **params: object) -> Words:
        return Words(self.words.ngettext(one, many, number) % self._params(params))

    def _underscore(self, source: str, /, **params: object) -> Words:
        """`_("Meld mangel")`, `_("Sak %(number)s", number=case.number)`."""
        return self._gettext(source, **params) if params else Words(self.words.gettext(source))

    def _params(self, params: dict[str, object]) -> dict[str, str]:
        return {name: self._value(value) for name, value in params.items()}

    # --- what would go round the protection -------------------------------------------------------

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for lineno, fault in faults(tree, as_json=self.as_json):
            raise jinja2.TemplateSyntaxError(fault, lineno, name, filename)
        return tree


def filters_of(words: Language) -> dict[str, Callable[..., object]]:
    """The filters that put a value into a language's words, for every kind of template."""
    return {
        "date": _date,
        "daymonth": words.daymonth,
        "weekday": words.weekday,
        "clock": words.clock,
        "days": words.days,
        "number": words.number,
        "plural": words.plural,
        "listed": words.listed,
        "sentence": words.sentence,
        "units": lambda unit: words.say(units(unit)),
        "clause": words.clause,
        "inside": words.inside,
    }


def faults(tree: nodes.Template, *, as_json: bool) -> list[tuple[int, str]]:
    """What a template must not hold, because values could then be taken for its own words."""
    found: list[tuple[int, str]] = []
    for node in tree.find_all((nodes.Macro, nodes.CallBlock, nodes.FilterBlock, nodes.AssignBlock)):
        found.append((node.lineno, "no macro, call, filter or set block: include a file with these lines"))
    for call in tree.find_all(nodes.Call):
        name = getattr(call.node, "name", "")
        if name in ("_", "gettext", "ngettext"):
            words = call.args[: 2 if name == "ngettext" else 1]
            if not all(isinstance(word, nodes.Const) for word in words):
                found.append((call.lineno, f"{name}() takes words in quotes, so that they can be translated"))
            elif any(NEW_SECTION in word.value for word in words if isinstance(word, nodes.Const)):
                found.append((call.lineno, "a {% trans %} holds one section: close it before the empty line"))
    if as_json:
        for data in tree.find_all(nodes.TemplateData):
            if len(re.findall(r'(?<!\\)"', data.data)) % 2:
                found.append((data.lineno, "a tag inside quotes: write {{ value }}, which brings its own"))
    return found


@pass_context
def _date(context: Context, day: dt.date | None) -> str:
    words: Language = context.environment.words  # type: ignore[attr-defined]
    return words.date(day, context.get("now"))
