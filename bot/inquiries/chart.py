"""The answers as a picture of bars, region by region; whoever has not answered stands in it too."""

from __future__ import annotations

from bot.charts.statistics import Bar, YearChart
from bot.inquiries.inquiry import AnswerKind, Inquiry, Respondent
from bot.messages.phrase import phrase
from bot.messages.words import Language


def chart_of(inquiry: Inquiry, words: Language) -> YearChart | None:
    """The picture of numbers or choices; None for answers in words, and where nobody has answered."""
    if inquiry.answer is AnswerKind.WORDS or not inquiry.answered:
        return None
    answered, asked = len(inquiry.answered), len(inquiry.asked)
    heading = phrase("{kind}: {answered} av {asked} har svart", kind=inquiry.kind.words, answered=answered, asked=asked)
    panels = _tally(inquiry, words) if inquiry.answer is AnswerKind.CHOICE else _numbers(inquiry, words)
    said = [f"{title}: {', '.join(f'{label} {value}' for label, _, value in bars)}" for title, bars in panels]
    title = f"{inquiry.title}. {words.say(heading)}"
    return YearChart(
        title=words.say(heading),
        alt=". ".join([title, *said]) + ".",
        panels=tuple((title, tuple(bars)) for title, bars in panels),
        words={"lost": words.say(phrase("Bildet kom ikke med. Det viste:"))},
        one_scale=True,
    )


def _tally(inquiry: Inquiry, words: Language) -> list[tuple[str, list[Bar]]]:
    bars: list[Bar] = [(choice, many, words.number(many)) for choice, many in inquiry.tally]
    missing = len(inquiry.missing)
    if missing:
        bars.append((words.say(phrase("ikke svart")), missing, words.number(missing)))
    return [(words.say(phrase("Antall svar")), bars)]


def _numbers(inquiry: Inquiry, words: Language) -> list[tuple[str, list[Bar]]]:
    regions = list(dict.fromkeys(one.region for one in inquiry.asked))
    return [
        (
            region or words.say(phrase("Andre")),
            [_bar(inquiry, one, words) for one in inquiry.asked if one.region == region],
        )
        for region in regions
    ]


def _bar(inquiry: Inquiry, one: Respondent, words: Language) -> Bar:
    name = one.name or words.say(phrase("en person"))
    if one.answer is None or one.answer.quantity is None:
        return name, 0, words.say(phrase("ikke svart"))
    return name, round(one.answer.quantity), words.say(inquiry.said(one.answer))
