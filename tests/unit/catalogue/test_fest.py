"""FEST's XML and brand list, read row by row."""

import datetime as dt
import gzip
import io
import zipfile
from pathlib import Path

import pytest

from bot.catalogue.preparation import Authorisation
from bot.registers.fest import RegisterFault, read_brand_csv, read_fest

MINI = gzip.decompress((Path(__file__).parents[2] / "data" / "fest-mini.xml.gz").read_bytes())


def test_a_real_extract_is_read_with_its_authorisations() -> None:
    fest = read_fest(io.BytesIO(MINI))
    assert fest.fetched_on == dt.date(2017, 4, 12)
    assert (len(fest.packages), fest.exchange_groups, fest.warnings) == (107, 16, 10)
    read = [one.preparation for one in fest.preparations]
    assert len(read) == 75
    first = read[0]
    assert (first.id, first.brand, first.name) == (
        "ID_F2CEF840-A295-4A7A-9CCD-5873D846C3BD",
        "Certican",
        "Certican Disperg tab 0,1 mg",
    )
    assert (first.atc, first.substance, first.authorised) == ("L04AA18", "Everolimus", Authorisation.YES)
    assert sum(one.authorised is Authorisation.NO for one in read) == 1
    assert sum(one.authorised is Authorisation.UNKNOWN for one in read) == 4


def test_a_zip_and_a_path_read_the_same(tmp_path: Path) -> None:
    packed = tmp_path / "fest.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("fest251.xml", MINI)
    assert read_fest(packed) == read_fest(io.BytesIO(MINI))


def test_a_file_without_namespaces_reads_the_same() -> None:
    bare = MINI.replace(b"m30:", b"").replace(
        b' xmlns="http://www.kith.no/xmlstds/eresept/forskrivning/2014-12-01"', b""
    )
    assert read_fest(io.BytesIO(bare)) == read_fest(io.BytesIO(MINI))


def test_packages_groups_salts_and_shortages_are_read() -> None:
    fest = read_fest(io.BytesIO(MINI))
    first = fest.packages[0]
    assert (first.article, first.ean, first.size, first.unit) == ("014884", "7046260148840", "60", "stk")
    assert (first.ddd, first.ddd_unit, first.marketed_on) == (1.5, "mg", dt.date(2004, 7, 15))
    assert first.preparation_id == fest.preparations[0].preparation.id
    assert sum(one.left_on is not None for one in fest.packages) == 2
    atacand = next(one for one in fest.preparations if one.preparation.name == "Atacand Tab 8 mg")
    assert atacand.preparation.exchange_group == "001219"
    (ingredient,) = atacand.ingredients
    assert (ingredient.substance, ingredient.parent) == ("Kandesartan", None)
    assert ingredient.strength == "8 mg"
    headings = " ".join(one.heading for one in fest.shortages)
    assert all(name in headings for name in ("Estradot", "Pranolol", "Apolar"))
    assert len(fest.shortages[1].names) == 5


def test_a_salt_knows_what_it_is_a_salt_of() -> None:
    salt, parent = b"ID_215DA9D0-C2E5-412E-AC3A-1F8F447243F4", b"ID_8883AB7E-90D0-4577-A7C7-4E9DE2188C6D"
    first, rest = MINI.split(b"<RefVirkestoff>" + parent, 1)
    fest = read_fest(io.BytesIO(first + b"<RefVirkestoff>" + salt + rest))
    multihance = next(one for one in fest.preparations if one.preparation.brand == "MultiHance")
    assert [(one.substance, one.parent) for one in multihance.ingredients] == [("Gadobenatdimeglumin", "Gadobensyre")]


BOMB = b'<!ENTITY a "ha"><!ENTITY b "' + b"&a;" * 20 + b'"><!ENTITY c "' + b"&b;" * 20 + b'">'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "XML"),
        (b"hei", "XML"),
        (b"<FEST></FEST>", "ingen legemidler"),
        (b"<html><HentetDato/></html>", "<html>"),
        (MINI[: len(MINI) // 2], "XML"),
        (b"PK\x03\x04rot", "Zip"),
        (b"<FEST><OppfVirkestoff/></FEST>", "<OppfVirkestoff> står på feil sted"),
        (b"<FEST><K><OppfVirkestoff><OppfVirkestoff/></OppfVirkestoff></K></FEST>", "feil sted"),
        (b"<FEST><HentetDato><OppfVirkestoff/></HentetDato></FEST>", "feil sted"),
        (b"<FEST><K><OppfVirkestoff><HentetDato/></OppfVirkestoff></K></FEST>", "feil sted"),
        (b"<!DOCTYPE FEST [" + BOMB + b"]><FEST><HentetDato>&c;</HentetDato></FEST>", "DOCTYPE"),
        (b'<!DOCTYPE FEST SYSTEM "file:///etc/passwd"><FEST><HentetDato/></FEST>', "DOCTYPE"),
        (b'<!DOCTYPE FEST [<!ENTITY x SYSTEM "file:///etc/passwd">]><FEST><HentetDato>&x;</HentetDato></FEST>', "DOC"),
        (MINI.replace(b"<Varenavn>", b"<Navn>").replace(b"<Id>ID_F2CEF840", b"<Nr>ID_F2CEF840"), "XML"),
        (MINI.replace(b"<NavnFormStyrke>Certican Disperg tab 0,1 mg</NavnFormStyrke>", b"", 1), "mangler NavnForm"),
        (MINI.replace(b"<m30:Kode ", b"<m30:Annet ", 1), "Byttegruppe mangler Kode"),
    ],
)
def test_what_is_no_register_is_refused_in_one_line(content: bytes, says: str) -> None:
    with pytest.raises(RegisterFault, match=says) as refused:
        read_fest(io.BytesIO(content))
    assert "\n" not in str(refused.value)


def test_a_zip_that_was_cut_or_changed_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("fest.xml", MINI)
    whole = packed.getvalue()
    for content in (whole[: len(whole) // 2], whole[:2000] + b"\0" * 500 + whole[2500:]):
        with pytest.raises(RegisterFault, match="Zip-filen er ødelagt"):
            read_fest(io.BytesIO(content))


def test_two_gigabytes_of_nothing_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "stor.xml"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)
    with pytest.raises(RegisterFault, match="for stor"):
        read_fest(path)


def test_the_brand_list_is_read_without_food_supplements() -> None:
    rows = (
        "id,varenavn,navnFormStyrke,atc,virkestoff,produsent,reseptgruppe\n"
        "ID_1,Thylip,Thylip kaps 200 mg,C10AB05,Fenofibrat,2care4,C\n"
        "ID_2,Kost,Kost tab,V06,Kosttilskudd,Ukjent,K\n"
        "ID_3,Kan Jang,Kan Jang mikst,WITHOUT,Ikke relevant,,F\n"
    )
    read = list(read_brand_csv(io.StringIO(rows)))
    assert [one.id for one in read] == ["ID_1", "ID_3"]
    assert read[0].authorised is Authorisation.UNKNOWN
    assert read[1].atc is None


def test_a_list_without_a_column_says_which() -> None:
    with pytest.raises(RegisterFault, match="navnFormStyrke"):
        list(read_brand_csv(io.StringIO("id;varenavn;atc;virkestoff\n1;A;B;C\n")))
