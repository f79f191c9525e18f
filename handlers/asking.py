"""What answers a question that was read, one service each."""

from __future__ import annotations

from bot.cases.medicine import Medicine
from bot.cases.statistics import UNKNOWN
from bot.cases.statistics_tables import atc_words
from bot.commands import atc_code
from bot.conversation.reading import NOT_FOR_US, OF_SOMETHING, Intent, Reading
from bot.messages.message import Message
from bot.messages.phrase import phrase
from bot.people.roles import Action, Actor
from bot.services import Services
from handlers import answers
from handlers.answering import notice


async def answer(services: Services, reading: Reading, text: str, by: Actor) -> list[Message]:
    """The messages that answer `reading`; `text` is what was written. Nothing is changed."""
    words = reading.subject
    if reading.intent is Intent.UNKNOWN and await services.cases.number_in(text):
        return await answers.status(services, text, by)
    if reading.intent in NOT_FOR_US:
        return [not_understood(services, reading.intent, text, by)]
    if reading.intent in OF_SOMETHING and not words:
        said = phrase("Hvilket legemiddel mener du? Skriv det sammen med spørsmålet, for eksempel «status meropenem».")
        return [notice(services, said, by.language)]
    match reading.intent:
        case Intent.HELP:
            return [answers.help_message(services, by)]
        case Intent.MEETING:
            return await answers.next_meeting(services, "", by)
        case Intent.REPORT:
            return [_offer(services, words, by)]
        case Intent.FOLLOW | Intent.UNFOLLOW:
            command = phrase("mangel følg {what}", what=words)
            if reading.intent is Intent.UNFOLLOW:
                command = phrase("mangel slutt å følge {what}", what=words)
            said = phrase("Skriv «/{command}» for å endre hva du følger.", command=command)
            return [notice(services, said, by.language)]
        case Intent.STOCK:
            return await answers.stock(services, words, by)
        case Intent.LIST:
            return await answers.case_list(services, _wanted(services, words), 1, by)
        case Intent.NEW:
            return await news(services, words, by)
        case Intent.COUNT:
            return await count(services, words, by)
        case Intent.WHO | Intent.SUBSTITUTE:
            return await about(services, words, reading.intent, by)
        case Intent.COMPARE:
            return await compare(services, reading.subjects, by)
    return await answers.status(services, words, by)


def not_understood(services: Services, why: Intent, text: str, by: Actor) -> Message:
    """That it was not understood, or is not for a bot; with three things that can be asked."""
    return services.renderer.render("not_understood.j2", by.language, why=why.value, words=text)


async def about(services: Services, words: str, intent: Intent, by: Actor) -> list[Message]:
    """Who follows a medicine or a case up, or what may stand in for it."""
    number = await services.cases.number_in(words)
    if number:
        return await shown(services, number, intent, by)
    meant = services.catalogue.meant(words)
    if meant.medicine is None:
        action = "show_who" if intent is Intent.WHO else "show_substitutes"
        return [answers.ask(services, words, meant, action, by)]
    return await shown(services, meant.medicine, intent, by)


async def shown(services: Services, asked: Medicine | str, intent: Intent, by: Actor) -> list[Message]:
    """The same, of one medicine or one case number."""
    found = await services.asking.about(asked, by)
    template = "who.j2" if intent is Intent.WHO else "substitutes.j2"
    return services.renderer.render_parts(template, by.language, asked=found)


async def news(services: Services, words: str, by: Actor) -> list[Message]:
    """What has happened the last week, in an ATC group or in all."""
    found = await services.asking.news(words, by)
    return services.renderer.render_parts("news.j2", by.language, news=found)


async def count(services: Services, words: str, by: Actor) -> list[Message]:
    """How many open cases: of an ATC group, a medicine or all."""
    wanted = _wanted(services, words)
    is_atc = wanted == _group(wanted)
    found = await services.asking.count(by, **({"atc": wanted} if is_atc else {"words": wanted}))
    letters = [(atc_words(UNKNOWN if letter == "?" else letter), n) for letter, n in found.by_letter.items()]
    everything = by.may(Action.READ_CASES)
    return services.renderer.render_parts("count.j2", by.language, count=found, letters=letters, everything=everything)


async def compare(services: Services, subjects: tuple[str, ...], by: Actor) -> list[Message]:
    """How long two medicines last, beside each other."""
    if len(subjects) < 2:
        said = phrase("Skriv begge legemidlene, for eksempel «sammenlign propofol og midazolam».")
        return [notice(services, said, by.language)]
    found: list[Medicine] = []
    for words in subjects:
        meant = services.catalogue.meant(words)
        if meant.medicine is None:
            return [answers.ask(services, words, meant, "show_stock", by)]
        found.append(meant.medicine)
    compared = await services.stock.compare(found[0], found[1], by)
    return services.renderer.render_parts("compare.j2", by.language, compared=compared)


def _offer(services: Services, words: str, by: Actor) -> Message:
    meant = services.catalogue.meant(words).medicine if words else None
    value = meant.value if meant else f"t:{words[:100]}" if words else "-"
    return services.renderer.render("offer_form.j2", by.language, value=value, name=meant.name if meant else None)


def _wanted(services: Services, words: str) -> str:
    """An ATC group as it stands; a medicine's substance, under which its cases are found."""
    if not words or _group(words):
        return _group(words)
    meant = services.catalogue.meant(words).medicine
    return meant.substance if meant else words


def _group(words: str) -> str:
    return atc_code(words) or (words if len(words) == 1 else "")
