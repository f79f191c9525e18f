"""Templates to messages and views: the one door between the bot's facts and what people read.

A template (`*.j2`) holds words and order in the line language of `layout`; a view (`*.json.j2`) is JSON with
places in it. Whatever stands in `{{ }}`, or in a place of a `{% trans %}`, is a value, and is hidden from
whoever parses (`values`) until its place in Slack is known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import pass_context
from jinja2.runtime import Context

import bot
from bot.clock import Clock, SystemClock, oslo
from bot.messages import limits, values
from bot.messages.environment import MadeBlock, TemplateEnvironment
from bot.messages.layout import Block, LayoutError, mrkdwn, read_lines
from bot.messages.message import Message
from bot.messages.phrase import Phrase
from bot.messages.words import SOURCE_LANGUAGE, Language, read_language

TEMPLATES = Path(bot.__file__).parent.parent / "templates"  # beside `bot`, installed or not
LOCALES = Path(__file__).parent / "locale"


class Renderer:
    """Renders templates by name, in a person's language, or, where none is given, in that of the channels.

    `now` in them is the clock's, unless given.
    """

    def __init__(
        self,
        templates: Path = TEMPLATES,
        locales: Path = LOCALES,
        clock: Clock | None = None,
        always: Mapping[str, object] | None = None,
        language: str = SOURCE_LANGUAGE,
    ) -> None:
        """`always`: facts that every template has, such as whom to call. `language`: the channels'."""
        self._clock = clock or SystemClock()
        self._always = dict(always or {})
        self._locales = locales
        self._language = language
        self._loader = jinja2.FileSystemLoader(templates)
        self._environments: dict[tuple[str, bool], TemplateEnvironment] = {}

    def render(self, template: str, language: str | None = None, **facts: object) -> Message:
        """One message. Raises `LimitError` where it is too much for one: that is for `render_parts`."""
        parts = self.render_parts(template, language, **facts)
        if len(parts) > 1:
            raise limits.LimitError(f"{template} came out as {len(parts)} messages: use render_parts")
        return parts[0]

    def render_parts(self, template: str, language: str | None = None, **facts: object) -> list[Message]:
        """The message in as many parts as Slack's limits ask for, each saying which it is: "(2 av 3)"."""
        text, hidden_blocks = self._read(template, language, facts)
        blocks: list[Block] = limits.fit(_show(hidden_blocks))
        limits.check(blocks, template)
        text = limits.beginning(values.as_mrkdwn(text) or _words_of(blocks), limits.TEXT - 20)
        parts = limits.into_parts(blocks)
        language = language or self._language
        if len(parts) == 1:
            return [Message(text, tuple(parts[0]), language)]
        which_of = self.words(language).gettext("({number} av {count})")
        numbered = []
        for number, part in enumerate(parts, 1):
            which = which_of.format(number=number, count=len(parts))
            part.append({"type": "context", "elements": [mrkdwn(which)]})
            numbered.append(Message(f"{text} {which}", tuple(part), language))
        return numbered

    def render_view(self, template: str, language: str | None = None, **facts: object) -> dict[str, Any]:
        """A modal or a Home view as Slack takes it. Raises `LimitError`, for developers, where it would not.

        `blocks("home_cases.j2")` in the JSON is a line-language template's blocks, alone or among others.
        """
        rendered = self._rendered(template, language, facts, as_json=True)
        try:
            view = _show(json.loads(rendered))
        except json.JSONDecodeError as error:
            around = values.as_typed(rendered[max(error.pos - 60, 0) : error.pos + 20])
            raise limits.LimitError(f"{template} is not JSON: {error.msg} near «{around}»") from error
        if isinstance(view, dict) and isinstance(view.get("blocks"), list):
            nested = (item if isinstance(item, list) else [item] for item in view["blocks"])
            view["blocks"] = limits.fit([block for blocks in nested for block in blocks])
        return limits.check_view(view, template)

    def render_window(
        self, title: Phrase, words: str, language: str | None = None, /, **facts: object
    ) -> dict[str, Any]:
        """A modal that only tells: the message template `words` under a title. Raises like `render_view`."""
        said = self.words(language).say(title)
        return self.render_view("modals/words.json.j2", language, title=said, words=words, facts=facts)

    def words(self, language: str | None = None) -> Language:
        """A language's words, for a sentence that is no template: `renderer.words("nb").say(phrase)`."""
        return self.environment(language).words

    def environment(self, language: str | None = None, *, as_json: bool = False) -> TemplateEnvironment:
        """Where the templates of a language are compiled, once."""
        key = (language or self._language, as_json)
        if key not in self._environments:
            words = read_language(key[0], self._locales)
            self._environments[key] = TemplateEnvironment(self._loader, words, as_json=as_json)
            self._environments[key].globals["blocks"] = self._blocks
        return self._environments[key]

    def prepare(self) -> None:
        """Compile every template of the channels' language, so that nobody who sends something waits for that."""
        for name in self._loader.list_templates():
            if name.endswith(".j2") and not name.endswith((".html.j2", ".md.j2")):
                self.environment(as_json=name.endswith(".json.j2")).get_template(name)

    def _rendered(self, template: str, language: str | None, facts: Mapping[str, object], *, as_json: bool) -> str:
        facts = {"now": oslo(self._clock.now()), "language": language or self._language, **self._always, **facts}
        return values.one_stop(self.environment(language, as_json=as_json).get_template(template).render(facts))

    def _read(self, template: str, language: str | None, facts: Mapping[str, object]) -> tuple[str, list[Block]]:
        try:
            return read_lines(self._rendered(template, language, facts, as_json=False))
        except LayoutError as error:
            raise LayoutError(f"{template}: {values.as_typed(str(error))}") from None

    @pass_context
    def _blocks(self, context: Context, template: str, **facts: object) -> list[MadeBlock]:
        _, blocks = self._read(template, context["language"], {**context.get_all(), **facts})
        return [MadeBlock(block) for block in blocks]


def _show(node: Any, limit: int | None = None) -> Any:
    """Blocks or a view with their values brought back, each as its place in Slack demands."""
    if isinstance(node, str):
        return values.as_typed(node)
    if isinstance(node, list):
        return [_show(value) for value in node]
    if not isinstance(node, dict):
        return node
    text = node.get("text")
    if isinstance(text, str) and node.get("type") == "mrkdwn":
        return {"verbatim": True, **node, "text": values.as_mrkdwn(text)}
    if isinstance(text, str) and node.get("type") == "plain_text":
        return {"emoji": False, **node, "text": _label(text, limit) if limit else values.as_plain(text)}
    return {key: _show(value, limits.label_limit(node, key)) for key, value in node.items()}


def _label(text: str, limit: int) -> str:
    """A plain text shortened before it is escaped, so that no entity is cut."""
    room = limit
    typed = values.as_line(text)
    if len(typed) <= limit and len(escaped := values.escape(typed)) <= limit:
        return escaped
    while len(values.escape(limits.shorten(typed, room))) > limit:
        room -= 1
    return values.escape(limits.shorten(typed, room))


def _words_of(blocks: list[Block]) -> str:
    texts = [block.get("text") or block["elements"][0] for block in blocks if block["type"] in _WORDED]
    return "\n".join(text["text"] for text in texts)


_WORDED = ("header", "section", "context")
