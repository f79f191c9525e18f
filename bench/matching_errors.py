"""Typing errors as people make them on a phone: seeded, one kind at a time."""

from __future__ import annotations

import random
from collections.abc import Callable

_ROWS = ("qwertyuiopå", "asdfghjkløæ", "zxcvbnm")
_NEIGHBOURS: dict[str, str] = {}
for _y, _row in enumerate(_ROWS):
    for _x, _letter in enumerate(_row):
        near = [(_x - 1, _y), (_x + 1, _y), (_x, _y - 1), (_x + 1, _y - 1), (_x, _y + 1), (_x - 1, _y + 1)]
        _NEIGHBOURS[_letter] = "".join(_ROWS[y][x] for x, y in near if 0 <= y < len(_ROWS) and 0 <= x < len(_ROWS[y]))
_SOUNDS = (
    *(("k", "c"), ("c", "k"), ("f", "ph"), ("ph", "f"), ("t", "th"), ("th", "t"), ("i", "y"), ("y", "i")),
    *(("ks", "x"), ("x", "ks"), ("s", "z"), ("z", "s"), ("c", "s"), ("s", "c"), ("o", "å"), ("e", "æ")),
    *(("v", "w"), ("w", "v"), ("kv", "qu"), ("ø", "o"), ("æ", "e"), ("å", "o"), ("j", "i"), ("e", "i")),
)
_VOWELS = "aeiouyæøå"
_NOISE = (
    *("mangler {}", "{} tom", "har vi nok {}", "{} restordre", "tab {}", "{} inj", "{} 10 stk", "hei, {}?"),
    *("{} hetteglass", "{} på lager", "lite {} igjen", "{} ampuller"),
)


def neighbour_key(name: str, rng: random.Random) -> str | None:
    """A letter's neighbour on the keyboard instead of it."""
    at = rng.randrange(len(name))
    near = _NEIGHBOURS.get(name[at].lower())
    return None if not near else name[:at] + rng.choice(near) + name[at + 1 :]


def dropped_letter(name: str, rng: random.Random) -> str | None:
    """A letter left out."""
    at = rng.randrange(len(name))
    return name[:at] + name[at + 1 :]


def doubled_letter(name: str, rng: random.Random) -> str | None:
    """A letter written twice."""
    at = rng.randrange(len(name))
    return name[: at + 1] + name[at:] if name[at].isalpha() else None


def swapped_letters(name: str, rng: random.Random) -> str | None:
    """Two letters that changed places."""
    if len(name) < 2:
        return None
    at = rng.randrange(len(name) - 1)
    return None if name[at] == name[at + 1] else name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def extra_letter(name: str, rng: random.Random) -> str | None:
    """A neighbour key hit together with the right one."""
    at = rng.randrange(len(name))
    near = _NEIGHBOURS.get(name[at].lower())
    return None if not near else name[: at + 1] + rng.choice(near) + name[at + 1 :]


def other_sound(name: str, rng: random.Random) -> str | None:
    """A sound spelled in another way: c for k, f for ph, i for y."""
    low = name.lower()
    places = [(at, a, b) for a, b in _SOUNDS for at in range(len(low)) if low.startswith(a, at)]
    if not places:
        return None
    at, heard, spelled = rng.choice(places)
    return name[:at] + spelled + name[at + len(heard) :]


def wrong_vowel(name: str, rng: random.Random) -> str | None:
    """Another vowel."""
    places = [at for at, letter in enumerate(name.lower()) if letter in _VOWELS]
    if not places:
        return None
    at = rng.choice(places)
    return name[:at] + rng.choice([v for v in "aeiouy" if v != name[at].lower()]) + name[at + 1 :]


KINDS: dict[str, Callable[[str, random.Random], str | None]] = {
    "neighbour key": neighbour_key,
    "dropped letter": dropped_letter,
    "doubled letter": doubled_letter,
    "swapped letters": swapped_letters,
    "extra letter": extra_letter,
    "other sound": other_sound,
    "wrong vowel": wrong_vowel,
}


def mistyped(name: str, kind: str, rng: random.Random) -> str | None:
    """`name` with one error of `kind`; "two errors" makes two of any kind, "noise words" one among other words.

    None where the kind does not apply or the result is the name itself.
    """
    if kind in KINDS:
        made = KINDS[kind](name, rng)
    else:
        once = _any_error(name, rng)
        if once is None:
            return None
        made = _any_error(once, rng) if kind == "two errors" else rng.choice(_NOISE).format(once)
    return None if made is None or made.casefold() == name.casefold() else made


def _any_error(name: str, rng: random.Random) -> str | None:
    for _ in range(5):
        made = KINDS[rng.choice(list(KINDS))](name, rng)
        if made is not None:
            return made
    return None


ALL_KINDS = (*KINDS, "two errors", "noise words")


def half_way(one: str, other: str, rng: random.Random) -> str | None:
    """A string as far from `one` as from `other`: half of the edits that lead from one to the other."""
    from rapidfuzz.distance import Levenshtein

    edits = list(Levenshtein.editops(one.lower(), other.lower()))
    if len(edits) < 2:
        return None
    chosen = sorted(rng.sample(range(len(edits)), len(edits) // 2))
    made = list(one.lower())
    for at in reversed(chosen):
        edit = edits[at]
        if edit.tag == "replace":
            made[edit.src_pos] = other.lower()[edit.dest_pos]
        elif edit.tag == "delete":
            del made[edit.src_pos]
        else:
            made.insert(edit.src_pos, other.lower()[edit.dest_pos])
    return "".join(made)
