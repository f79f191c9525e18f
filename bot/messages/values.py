"""How a value passes through a template without ever being read as markup or structure.

`hide` moves all of a value's ASCII characters to private-use code points, so a template's lines are parsed
without seeing into it: nothing in a value can look like a heading, a button or the end of a line.
`as_mrkdwn`, `as_plain` and `as_typed` bring them back, each in the way its place in Slack demands. Angle
brackets that Slack acts on come from `Mention`, `Link` and `ChannelLink` alone; every other is escaped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_VALUE, _MARKUP = 0xE000, 0xE100  # where a value's characters, and a typed value's own markup, are moved to

_ASCII = [0x0A, *range(0x20, 0x7F)]
_HIDE = {code: code + _VALUE for code in _ASCII}
_HIDE_MARKUP = {code: code + _MARKUP for code in range(0x20, 0x7F)}
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

_MOVED = re.compile(f"[{chr(_VALUE)}-{chr(_MARKUP + 0xFF)}]")
LABEL = 75
"""What is no longer than a label is often the same one again: a choice in a form, a place, a button."""
LABELS_KEPT = 512
"""So many are remembered. What is written once takes a place too, and lies in memory between things that go away."""
_LINE_END = re.compile(r"\r\n|[\n-\r\x85\u2028\u2029]")
_HARMFUL = re.compile(  # control characters, lone surrogates, private use, what turns the writing's direction
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ue000-\uf8ff\U000f0000-\U0010ffff]"
)


class Words(str):
    """Text in a template's own language, its values already hidden: it is markup."""

    __slots__ = ()


def hide(value: str) -> str:
    """`value` cleaned of what no person types, and opaque to whoever parses the template."""
    return _hide_label(value) if len(value) <= LABEL else _hide(value)


def _hide(value: str) -> str:
    value = _LINE_END.sub("\n", value).replace("\t", " ")
    return _HARMFUL.sub("", value).strip().translate(_HIDE)


_hide_label = lru_cache(maxsize=LABELS_KEPT)(_hide)


def quote(value: str) -> Words:
    """Every line of `value` as a quoted line, so that a text of several paragraphs stays one quotation."""
    return Words("\n".join("> " + hide(line) for line in _LINE_END.split(value.strip())))


# --- values that are markup, each checked when it is made -----------------------------------------


@dataclass(frozen=True, slots=True)
class Mention:
    """A person (`U…`, `W…`) or a user group (`S…`), who is called by it."""

    slack_id: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"(T[A-Z0-9]{2,15}/)?[UWS][A-Z0-9]{2,30}", self.slack_id):
            raise ValueError(f"not the id of a person or a user group: {self.slack_id!r}")

    @property
    def elsewhere(self) -> bool:
        """Whether they are in another workspace: a mention would be nobody, or somebody else."""
        return "/" in self.slack_id

    def hidden(self) -> str:
        """The mention as Slack's markup, hidden like any value."""
        group = self.slack_id.startswith("S")
        return f"<{'!subteam^' if group else '@'}{self.slack_id}>".translate(_HIDE_MARKUP)


@dataclass(frozen=True, slots=True)
class ChannelLink:
    """A channel's name, to be clicked."""

    channel_id: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"(T[A-Z0-9]{2,15}/)?[CGD][A-Z0-9]{2,30}", self.channel_id):
            raise ValueError(f"not the id of a channel: {self.channel_id!r}")

    @property
    def elsewhere(self) -> bool:
        """Whether it is in another workspace."""
        return "/" in self.channel_id

    def hidden(self) -> str:
        """The link as Slack's markup, hidden like any value."""
        return f"<#{self.channel_id}>".translate(_HIDE_MARKUP)


@dataclass(frozen=True, slots=True)
class Link:
    """A web address under a label. Only https."""

    url: str
    label: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"https://[^\s<>|\"\\\x00-\x20\x7f-\U0010ffff]+", self.url):
            raise ValueError(f"not an https address in ASCII: {self.url!r}")

    def hidden(self) -> str:
        """The link as Slack's markup; its label is a value like any other."""
        url = self.url.replace("&", "&amp;")
        return f"<{url}|".translate(_HIDE_MARKUP) + hide(self.label) + ">".translate(_HIDE_MARKUP)


# --- bringing values back -------------------------------------------------------------------------


def _hidden(characters: str) -> str:
    return characters.translate(_HIDE)


_ACTED_ON = "&<>*_~`:"  # what Slack acts on in mrkdwn; the rest of ASCII is shown at once
_SHOW_QUIET = {code + _VALUE: chr(code) for code in range(0x20, 0x7F) if chr(code) not in _ACTED_ON}
_SHOW_REST = {ord(_hidden(c)): _ENTITIES.get(c, c) for c in _ACTED_ON} | {
    code + _MARKUP: chr(code) for code in range(0x20, 0x7F)
}
_SHOW_TYPED = {code + _VALUE: chr(code) for code in _ASCII} | {code + _MARKUP: None for code in range(0x20, 0x7F)}

_NEW_LINES = re.compile(f"{_hidden(chr(10))}+")
_MARKS = re.compile(f"[{_hidden('*_~`')}]+")
_ANGLE_AT_LINE_START = re.compile(rf"^((?:>|[^\S\n])*)({_hidden('>')})", re.MULTILINE)
_EMOJI = re.compile(rf"{_hidden(':')}(?=(?!\d\d[:{_hidden(':')}])[\w+'\-{_hidden('_')}]+[:{_hidden(':')}])")
_ESCAPED = re.compile("[&<>]")


_SECOND_STOP = re.compile(rf"([{_hidden('.?!')}…][*_]*)\.(?!\.)")


def one_stop(text: str) -> str:
    """A value that ends a sentence itself ("15. sept.", "Hva nå?") needs no full stop of the template's after it."""
    return _SECOND_STOP.sub(r"\1", text)


def as_mrkdwn(text: str) -> str:
    """For a `mrkdwn` text: what a value holds is shown as typed, and the template's own marks are marks.

    Slack escapes three characters (https://docs.slack.dev/messaging/formatting-message-text#escaping) and has
    no escape for `*`, `_`, `~`, backtick, a first `>` and `:emoji:`. There a zero-width space stands between
    the character and its neighbour. Inside a word (`lager_2026_11.csv`) nothing is added.
    """
    text = _ESCAPED.sub(lambda found: found[0] if _opens_quote(found) else _ENTITIES[found[0]], text)
    text = _NEW_LINES.sub(" ", text).translate(_SHOW_QUIET)
    text = _ANGLE_AT_LINE_START.sub("\\1\u200b\\2", text)
    text = _EMOJI.sub(lambda found: found[0] + "\u200b", text)
    text = _MARKS.sub(_inert, text)
    return text.translate(_SHOW_REST)


def as_plain(text: str) -> str:
    """For a `plain_text` text: no character is a mark there, but Slack reads entities."""
    return escape(as_line(text))


def as_line(text: str) -> str:
    """The characters themselves, on one line."""
    return as_typed(_NEW_LINES.sub(" ", text)) if _MOVED.search(text) else text


def escape(text: str) -> str:
    """The three characters that Slack reads, as entities."""
    return _ESCAPED.sub(lambda found: _ENTITIES[found[0]], text)


def as_typed(text: str) -> str:
    """The characters themselves, for a button's value. A link is its label there, a mention nothing."""
    return text.translate(_SHOW_TYPED) if _MOVED.search(text) else text


def _opens_quote(found: re.Match[str]) -> bool:
    start = found.start()
    return found[0] == ">" and (start == 0 or found.string[start - 1] == "\n")


def _inert(found: re.Match[str]) -> str:
    marks, text, (start, end) = found[0], found.string, found.span()
    before, after = text[max(start - 1, 0) : start], text[end : end + 1]  # "" at either end
    if before.isalnum() and after.isalnum() and len(marks) == 1 and marks != _hidden("`"):
        return marks
    code = _hidden("`") in marks
    apart_before, apart_after = ("\u200b" if code or c.strip() else "" for c in (before, after))
    return apart_before + "\u200b".join(marks) + apart_after
