"""Stock pools: whose they are, whether their outflow can be held, and whose demand draws on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from bot.messages.phrase import Phrase, phrase


class Holdable(StrEnum):
    """Whether somebody can stop packs from leaving the pool."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class DemandBase(StrEnum):
    """Whose use a figure speaks of."""

    HOSPITAL = "hospital"
    PHARMACY = "pharmacy"  # prescribed in hospital, fetched in pharmacies
    MARKET = "market"
    PRIORITISED = "prioritised"
    UNKNOWN = "unknown"

    @property
    def words(self) -> Phrase:
        """Whose use it is, in words that fit after «forbruk:»."""
        return _BASE_WORDS[self]


_BASE_WORDS = {
    DemandBase.HOSPITAL: phrase("sykehusene"),
    DemandBase.PHARMACY: phrase("resepter fra sykehus, hentet i apotek"),
    DemandBase.MARKET: phrase("hele markedet"),
    DemandBase.PRIORITISED: phrase("prioritert bruk"),
    DemandBase.UNKNOWN: phrase("ukjent"),
}


class PoolKind(StrEnum):
    """What sort of stock it is. Only `EMERGENCY` and `PRIMARY_CARE` are called *beredskapslager*."""

    EMERGENCY = "emergency"
    WHOLESALER = "wholesaler"
    PRIMARY_CARE = "primary_care"
    SUPPLIER = "supplier"
    HOSPITAL = "hospital"


@dataclass(frozen=True, slots=True)
class Pool:
    """One stock that somebody answers for.

    `sized_on` is the use it was dimensioned after, `drawn_by` the use that empties it: where they differ,
    dividing the stock by the first is wrong. `alert_limit_days` is days of cover; `alert_limit_share` a
    share (0-1) of `target_days`. Neither set: the pool raises no alert. `shelf` names the shelves its packs
    lie on: pools that share one may count the same pack.
    """

    id: str
    name: str
    kind: PoolKind
    owner: str
    holdable: Holdable = Holdable.UNKNOWN
    sized_on: DemandBase = DemandBase.UNKNOWN
    drawn_by: DemandBase = DemandBase.UNKNOWN
    alert_limit_days: float | None = None
    target_days: float | None = None
    alert_limit_share: float | None = None
    shelf: str | None = None
    aliases: tuple[str, ...] = field(default=())

    @property
    def limit_days(self) -> float | None:
        """The alert limit in days of cover.

        The limit itself, or its share of the target; `None` when not set.
        """
        if self.alert_limit_days is not None:
            return self.alert_limit_days
        if self.alert_limit_share is not None and self.target_days is not None:
            return self.alert_limit_share * self.target_days
        return None

    @property
    def sized_for_others(self) -> bool:
        """Sized on hospital use, emptied by more than hospitals, and nobody can say that it can be held."""
        return (
            self.sized_on is DemandBase.HOSPITAL
            and self.drawn_by in (DemandBase.PHARMACY, DemandBase.MARKET)
            and self.holdable is not Holdable.YES
        )


# The national stocks. "003" is DMP's note on the emergency stocks, "002" the shortage centre's annual
# report 2025. Nobody has published an alert limit for any of them, so none is set here.
STANDARD_POOLS: tuple[Pool, ...] = (
    Pool(
        # 002, note 2: «sikkerhetslager med beredskapsegenskaper». 003: up to 180 days, at AHN; the regional
        # health authorities decide its use.
        id="b180s",
        name="B180S",
        kind=PoolKind.EMERGENCY,
        owner="De regionale helseforetakene",
        holdable=Holdable.YES,
        sized_on=DemandBase.HOSPITAL,
        drawn_by=DemandBase.HOSPITAL,
        target_days=180,
        shelf="ahn",
        aliases=("b180-s", "b180"),
    ),
    Pool(
        # 002 on chloramphenicol: «sikkerhetslager (Fokuslisten) der uttak ikke kan stanses»; on Valtrex:
        # sized on hospital use only, emptied through pharmacies. Its target is not stated.
        id="fokuslisten",
        name="Fokuslisten",
        kind=PoolKind.EMERGENCY,
        owner="De regionale helseforetakene",
        holdable=Holdable.NO,
        sized_on=DemandBase.HOSPITAL,
        drawn_by=DemandBase.MARKET,
        shelf="ahn",
        aliases=("fokusliste", "fokus"),
    ),
    Pool(
        # 002, note 1 names it as the third part of the national stock and says nothing more.
        id="b50",
        name="B50",
        kind=PoolKind.EMERGENCY,
        owner="De regionale helseforetakene",
        shelf="ahn",
    ),
    Pool(
        # 003: 20 days of sale, besides the emergency stock and on the same shelves. DMP can ration its
        # sale, the pool's own holder cannot be taken to.
        id="grossist",
        name="Grossistens ordinære lager",
        kind=PoolKind.WHOLESALER,
        owner="Alliance Healthcare Norge",
        sized_on=DemandBase.MARKET,
        drawn_by=DemandBase.MARKET,
        target_days=20,
        shelf="ahn",
        aliases=("grossistlager", "ordinært lager", "ahn", "alliance healthcare", "wholesaler"),
    ),
    Pool(
        # 003: three wholesalers hold three to six months' sale in pharmacies of about 60 substances; DMP
        # decides its use. The target differs from medicine to medicine.
        id="primaerhelsetjenesten",
        name="Primærhelsetjenestens beredskapslager",
        kind=PoolKind.PRIMARY_CARE,
        owner="DMP",
        sized_on=DemandBase.MARKET,
        drawn_by=DemandBase.MARKET,
        aliases=("primærhelsetjenesten", "primærlager", "primary care"),
    ),
    Pool(
        id="leverandor",
        name="Leverandørens lager",
        kind=PoolKind.SUPPLIER,
        owner="Leverandøren",
        drawn_by=DemandBase.MARKET,
        aliases=("leverandør", "leverandørlager", "supplier"),
    ),
)


def pool_key(text: str) -> str:
    """How a pool's name is compared: without case, hyphens or doubled spaces."""
    return " ".join(text.replace("-", " ").casefold().split())


def pools_by_name(pools: Iterable[Pool]) -> dict[str, Pool]:
    """Every name, id and alias of `pools`, as `pool_key` writes it.

    An earlier pool keeps a name that two share.
    """
    found: dict[str, Pool] = {}
    for pool in pools:
        for name in (pool.id, pool.name, *pool.aliases):
            found.setdefault(pool_key(name), pool)
    return found


def hospital_pool(name: str) -> Pool:
    """A hospital's own stock, as a sheet names one that nobody has described yet."""
    plain = name.casefold().replace("æ", "ae").replace("ø", "o").replace("å", "a")
    slug = "-".join("".join(c if c.isalnum() else " " for c in plain).split())
    return Pool(
        id=slug,
        name=" ".join(name.split()),
        kind=PoolKind.HOSPITAL,
        owner=" ".join(name.split()),
        holdable=Holdable.YES,
        sized_on=DemandBase.HOSPITAL,
        drawn_by=DemandBase.HOSPITAL,
    )
