"""Pharmaceutical forms: the words for them, as written in registers, on wholesalers' lists and in haste.

A form is a set of *traits* from three families: the route it is given by, the shape it has, and the way it
releases. "depotkapsel, hard" and "dep kaps" are both {oral, kaps, depot}. Two forms are compared by their
traits, so nobody has to list every spelling of every form.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from bot.catalogue.normalise import spelling

Form = frozenset[str]
NO_FORM: Form = frozenset()

_ROUTES = """oral sublingual parenteral cutaneous transdermal eye ear nasal inhalation rectal vaginal
intrauterine dental oromucosal intravesical dialysis test"""
ROUTES = frozenset(_ROUTES.split())
"""Where a medicine goes in. Two forms that each name a route and share none do not replace each other."""

_RELEASES = "depot entero smelte tygge bruse suge disp"
RELEASES = frozenset(_RELEASES.split())
"""How a form gives off its substance, or how it is taken: a different one is another preparation."""

_SHAPES = """tab kaps granulat pulver mikst draper inj inf kons oppl susp emul krem salve gel liniment skum
pasta plaster spray aerosol stikkpille vagitorie implantat film gass sjampo tyggegummi lamell"""
SHAPES = frozenset(_SHAPES.split())
TELLING = SHAPES - frozenset(("inj", "inf", "kons", "oppl", "susp", "emul", "pulver", "film", "aerosol"))
"""Shapes that leave no doubt: who asks for tablets does not mean capsules. The others are often written together
or one for another (a powder for infusion is a concentrate, a solution)."""

# A prefix of a compound, or a word of its own: the traits it adds.
_FIRST = {
    "depot dep ret retard": "depot",
    "entero enter ent": "entero oral",
    "smelte smelt smlt sm": "smelte oral",
    "tygge tygg tyg ty": "tygge oral",
    "bruse brus br": "bruse oral",
    "suge sug": "suge oromucosal",
    "sublingval sublingual subling subl sublingvalt": "sublingual",
    "vaginal vag": "vaginal",
    "rektal rekt": "rectal",
    "øye oftalm": "eye",
    "øre": "ear",
    "nese nasal": "nasal",
    "munn munnhule munnskylle oral": "oromucosal",
    "dental tann periodontal": "dental",
    "inhalasjons inhalasjon inhal inh": "inhalation",
    "injeksjons injeksjon inj injek injv iv im sc ampulle amp": "parenteral inj",
    "infusjons infusjon inf infus": "parenteral inf",
    "depotinjeksjons depotinj depotinjeksjon": "depot parenteral inj",
    "transdermal": "transdermal",
    "hud": "cutaneous",
    "intravesikal blæreskylle": "intravesical",
    "disperg dispergerbar dispergerbare": "disp oral",
    "peritonealdialyse hemodialyse hemofiltrasjons hemodial hemofilt": "dialysis",
    "intestinal": "oral",
    "urte brus": "oral",
}
# The last part of a compound, or a word of its own.
_LAST = {
    "tablett tabletter tabl tab tbl tabs": "tab",
    "kapsel kapsler kapslar kaps kap kps capsule caps": "kaps",
    "granulat granuler gran granulater": "granulat",
    "mikstur mikst mixtur mikt": "mikst",
    "plaster plast plst": "plaster",
    "gel": "gel",
    "krem kr creme cream": "krem",
    "salve": "salve",
    "skum": "skum",
    "spray spr": "spray",
    "dråper dråpe dr drp": "draper",
    "pulver pulv pul pulvere": "pulver",
    "konsentrat kons konsentrater": "kons",
    "oppløsning oppl opl oppløsningsvæske": "oppl",
    "suspensjon susp": "susp",
    "emulsjon emul": "emul",
    "aerosol aeros": "aerosol",
    "film": "film",
    "pasta": "pasta",
    "lamell": "lamell",
    "damp": "gass",
    "væske vske vannet": "",
}
# Words that are a form by themselves; what a route follows from.
_WHOLE = {
    "tablett tabletter tabl tab tbl tabs tablet tablets": "tab oral",
    "kapsel kapsler kapslar kaps kap kps capsule capsules caps": "kaps oral",
    "granulat granuler gran depotgran enterogran": "granulat oral",
    "mikstur mikst mixtur mikt sirup saft oralsuspensjon": "mikst oral",
    "dråper dråpe drp": "draper",
    "brusepulver brusepulv": "bruse oral pulver",
    "krem creme cream": "krem",
    "salve": "salve",
    "gel": "gel",
    "liniment lin": "liniment cutaneous",
    "sjampo shampoo": "sjampo cutaneous",
    "pudder hudstift kollodium neglelakk": "cutaneous",
    "plaster": "plaster",
    "depotplaster depotplst hormonplaster": "plaster depot transdermal",
    "pasta": "pasta",
    "skum": "skum",
    "spray spr": "spray",
    "munnvann munnv munnskyllevæske munnskyll gurglevann": "oromucosal",
    "pastill pastiller sugetab": "suge oromucosal",
    "tyggegummi": "tyggegummi oromucosal",
    "munnspray munngel munnpasta munnsalve munnhulepose": "oromucosal",
    "oralgel oralpasta": "oral",
    "tannpasta tannkjøtt": "dental",
    "stikkpille stikkpiller stikkp stikkpil stp supp suppositorier": "stikkpille rectal",
    "klyster klyx enema rektiole": "rectal",
    "vagitorie vagitorier": "vagitorie vaginal",
    "innlegg innl": "",
    "spiral intrauterint intrauterin": "intrauterine",
    "implantat impl": "implantat parenteral",
    "parenteral parenteralt intravenøs intravenøst intravenøs intramuskulær subkutan subkutant": "parenteral",
    "infko infkon infkons infk infkonsentrat infusjonskonsentrat": "parenteral inf kons",
    "infp infpulv infusjonspulver": "parenteral inf pulver",
    "infvæske infv infusjonsv": "parenteral inf",
    "injp injpulv injv injvæske injeksjonsv": "parenteral inj",
    "injsubst injtsubst injektabile": "parenteral inj",
    "ferdigsprøyte sprøyte sprøyter ferdigspr spr.": "parenteral inj",
    "penn ferdigpenn pen injektor autoinjektor flexpen kwikpen": "parenteral inj",
    "sylinderampulle sylinderampuller hetteglass hgl htgl ampuller": "parenteral",
    "inhalator inhalatorer nebulisator nebulisering forstøver": "inhalation",
    "inhpulv inhp inhv inhvæske inhaerosol inhalasjonspulver": "inhalation",
    "prikktest prikkt risptest provokasjonstest lappetest": "test",
    "øyedr øyedråper": "draper eye",
    "øyesalve": "salve eye",
    "øyegel": "gel eye",
    "øyelamell": "lamell eye",
    "nesedr": "draper nasal",
    "nesespray nspray": "spray nasal",
    "øredr øredråper": "draper ear",
    "lyofilisat lyofil smeltetab smtab": "smelte oral tab",
    "smeltefilm munnsmeltende": "smelte oral",
    "enterodepottab": "entero depot oral tab",
    "gass": "gass inhalation",
    "emul emulsjon": "emul",
    "oppl oppløsning opl oppløsningsvæske": "oppl",
    "susp suspensjon": "susp",
    "kons kon konsentrat": "kons",
    "pulv pulver": "pulver",
    "modifisert modif modi mod frisetting frisett fris depotformulering": "depot",
    "disperg dispergerbar": "disp oral",
    "peroral peroralt": "oral",
}
# Words of a form's or a package's description that say nothing about which medicine it is.
_DESCRIPTIVE = """
freeflex ecoflac viaflo ecobag baxjet kabipac plasco connect biofine eco clearflex flexbag duplex
hard harde myk myke drasjert drasjerte filmdrasjert filmdrasjerte film væske væsker til av i med uten og
som åpnes for bruk medisinsk medisinert komprimert flytende kryogen preparat sett prep radioaktive
legemidler dosedispensert ferdigfylt ferdigfylte smak disp dispersjon enkeltdose dose doser flergangs
endose boks bokser flaske flasker glass plast hetteglass pakning pakninger pakke blister blisterpakning
endoseblisterpakning brett eske esker pose poser plastpose foliepose dosepose tube tuber beholder
endosebeholder ampulle ampuller tablettbeholder spraybeholder spraypumpe pumpe kanyle kanyler adapter
kombinasjonspakning multiplastpakning trykkbeholder stk stykk stykker x n doseinhalator
administrasjonssett dråpespiss plastflaske glassflaske trekammerpose tokammerpose tokammersprøyte
tokammerampulle overpose polyetylenbeholder infusjonsflaske infusjonspose aluminiumfoliepose startpakning
flerdosebeholder engangspipette endosepipette tørremiddel spritkompresser ikke angitt styrke
konserveringsmiddel laktose sukker w v/v w/v w/w timer time hårde oppløsningsvæske enkeltdosebeholder
sprøyte sprøyter penn
"""


def _spread(table: dict[str, str]) -> dict[str, Form]:
    return {spelling(word): frozenset(traits.split()) for written, traits in table.items() for word in written.split()}


_DEFAULT_ROUTE = {"tab": "oral", "kaps": "oral", "granulat": "oral", "mikst": "oral"}
_FIRST_WORDS, _LAST_WORDS, _WHOLE_WORDS = _spread(_FIRST), _spread(_LAST), _spread(_WHOLE)
_DESCRIPTIVE_WORDS = frozenset(spelling(word) for word in _DESCRIPTIVE.split())


def _with_route(traits: Form) -> Form:
    if traits & ROUTES:
        return traits
    return traits | {_DEFAULT_ROUTE[shape] for shape in traits & _DEFAULT_ROUTE.keys()}


def _compounds() -> dict[str, Form]:
    """Every word the vocabulary can spell: first parts alone, and first + last ("depot" + "kaps")."""
    made: dict[str, Form] = {word: _with_route(traits) for word, traits in _FIRST_WORDS.items() if len(word) > 2}
    for first, before in _FIRST_WORDS.items():
        for last, after in _LAST_WORDS.items():
            made[first + last] = _with_route(before | after)
    for first in ("depot", "dep"):
        for second in ("entero", "tygge", "inj", "injeksjons", "øye", "smelte"):
            for last, after in _LAST_WORDS.items():
                traits = frozenset({"depot"}) | _FIRST_WORDS[spelling(second)] | after
                made[spelling(first + second + last)] = _with_route(traits)
    return made | _WHOLE_WORDS


_VOCABULARY = _compounds()


def form_word(word: str) -> Form | None:
    """The traits `word` (plain) stands for; the empty form for a word that only describes ("blisterpakning");
    None when it is no word of forms at all."""
    written = spelling(word)
    traits = _VOCABULARY.get(written)
    if traits is not None:
        return traits
    if written in _DESCRIPTIVE_WORDS or written.endswith(("pakning", "beholder", "smak")):
        return NO_FORM
    return None


def form_of(words: Iterable[str]) -> Form:
    """The traits of all form words among `words` together."""
    traits: set[str] = set()
    routed: set[str] = set()
    for word in words:
        named = form_word(word)
        if named:
            traits |= named
            routed |= named & ROUTES
    if traits & {"tab", "kaps"} and routed > {"oral"}:
        traits.discard("oral")  # "vag tab", "inh pulv, kaps": the route that was stated, not the shape's
    return frozenset(traits)


def route_of(form: Form) -> str | None:
    """The route of `form`, None when it names none or several."""
    routes = form & ROUTES
    return next(iter(routes)) if len(routes) == 1 else None


@lru_cache(maxsize=65536)
def form_fit(wanted: Form, offered: Form) -> float:
    """How well `offered` (a product's form) is what was asked for: 1 all of it, 0 nothing said or another shape,
    −1 a route or release that excludes it (DOMAIN §5: the right substance by a wrong route is a wrong match)."""
    if not wanted or not offered:
        return 0.0
    if routes_clash(wanted, offered) or releases_clash(wanted, offered):
        return -1.0
    asked = wanted & (SHAPES | RELEASES | ROUTES)
    if not asked:
        return 0.0
    if asked & TELLING and offered & TELLING and not asked & offered & TELLING:
        return 0.0
    found = len(asked & offered)
    extra = len((offered - asked) & (RELEASES | TELLING))
    return (found - 0.25 * extra) / len(asked)


def routes_clash(one: Form, other: Form) -> bool:
    """Both name routes, and none in common."""
    mine, theirs = one & ROUTES, other & ROUTES
    return bool(mine and theirs and not mine & theirs)


def releases_clash(wanted: Form, offered: Form) -> bool:
    """A release is asked for, and the form offered has another one or none."""
    asked = wanted & RELEASES
    return bool(asked and not asked & offered)
