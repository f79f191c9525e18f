"""How a written name is brought to the form in which names are compared.

Three forms of the same text, each coarser than the one before:

* `plain`    lower case, accents gone, Norwegian letters kept: "Østradiol®" → "østradiol"
* `spelling` Latin letters only, with æ, ø and å as a foreign keyboard writes them: "ostradiol"
* `sound`    what is heard in a Norwegian ward: c/k, ph/f, th/t, y/i, x/ks, z/s, doubled letters and the
  silent endings of English, Swedish and Latin fall together: "Amoxicillinum", "amoksisillin" → "amoksisilin"
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LONGEST_INPUT = 300
"""Characters of an input that are read (DESIGN §3)."""

_KEPT = str.maketrans({"æ": "\ue000", "ø": "\ue001", "å": "\ue002", "ä": "\ue000", "ö": "\ue001"})
_BACK = str.maketrans({"\ue000": "æ", "\ue001": "ø", "\ue002": "å"})
_ACCENT = re.compile(r"[\u0300-\u036f]+")
_TYPOGRAPHY = str.maketrans(
    {
        "®": " ",
        "™": " ",
        "©": " ",
        "µ": "u",
        "μ": "u",
        "ß": "ss",
        "đ": "d",
        "ł": "l",
        "–": "-",
        "—": "-",
        "’": "'",
        "`": "'",
        "´": "'",
    }
)
_NOT_WORD = re.compile(r"[^a-z0-9æøå]+")


def plain(text: str) -> str:
    """`text` in lower case without accents and decoration; æ, ø, å stay (ä and ö become æ and ø).

    At most `LONGEST_INPUT` characters are read. Punctuation stays: it separates strengths.
    """
    cut = text[:LONGEST_INPUT].translate(_TYPOGRAPHY)
    if cut.isascii():
        return cut.lower()
    kept = unicodedata.normalize("NFKC", cut).lower().translate(_KEPT)
    bare = _ACCENT.sub("", unicodedata.normalize("NFKD", kept)[: 2 * LONGEST_INPUT])
    return bare.translate(_BACK)


def words(text: str) -> list[str]:
    """The words of `plain(text)`: runs of letters and digits."""
    return [word for word in _NOT_WORD.split(text) if word]


_SPELLING = (("æ", "e"), ("ae", "e"), ("ø", "o"), ("oe", "o"), ("å", "a"), ("aa", "a"))


@lru_cache(maxsize=65536)
def spelling(word: str) -> str:
    """`word` (plain) in Latin letters: øyedråper, oeyedraaper and oyedraper are one."""
    for norwegian, latin in _SPELLING:
        word = word.replace(norwegian, latin)
    return word


# Order matters: what spells a sound with several letters goes before its letters.
_SOUNDS = tuple(
    (re.compile(pattern), heard)
    for pattern, heard in (
        (r"tion", "sjon"),
        (r"ph", "f"),
        (r"th", "t"),
        (r"rh", "r"),
        (r"sch|sh", "s"),
        (r"ch|ck", "k"),
        (r"qu|q", "kv"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"x", "ks"),
        (r"z", "s"),
        (r"w", "v"),
        (r"[yj]", "i"),
        (r"(.)\1+", r"\1"),
        (r"(?<=[a-z]{3})(?:um|e)$", ""),
    )
)


@lru_cache(maxsize=65536)
def sound(word: str) -> str:
    """What is heard of `word` (plain): the form in which misspellings and other languages' forms meet."""
    heard = word.replace("oe", "ø").replace("ø", "e").replace("æ", "e").replace("ae", "e").replace("å", "a")
    for pattern, to in _SOUNDS:
        heard = pattern.sub(to, heard)
    return heard
