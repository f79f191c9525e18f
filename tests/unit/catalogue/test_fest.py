"""FEST's XML and brand list, read row by row."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from bot.catalogue.preparation import Authorisation
from bot.registers.fest import RegisterFault, read_brand_csv, read_fest

MINI = gzip.decompress((Path(__file__).parents[2] / "data" / "fest-mini.xml.gz").read_bytes())


def test_a_real_extract_is_read_with_its_authorisations() -> None:
    read = list(read_fest(io.BytesIO(MINI)))
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
    assert list(read_fest(packed)) == list(read_fest(io.BytesIO(MINI)))


def test_a_file_without_namespaces_reads_the_same() -> None:
    bare = MINI.replace(b"m30:", b"").replace(
        b' xmlns="http://www.kith.no/xmlstds/eresept/forskrivning/2014-12-01"', b""
    )
    assert list(read_fest(io.BytesIO(bare))) == list(read_fest(io.BytesIO(MINI)))


def test_entities_are_never_fetched_or_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hemmelig")
    document = (
        f'<?xml version="1.0"?><!DOCTYPE FEST [<!ENTITY x SYSTEM "file://{secret}">]>'
        "<FEST><OppfLegemiddelMerkevare><LegemiddelMerkevare><NavnFormStyrke>A&x; tab</NavnFormStyrke>"
        "<Id>1</Id><Varenavn>A&x;</Varenavn></LegemiddelMerkevare></OppfLegemiddelMerkevare></FEST>"
    )
    for one in read_fest(io.BytesIO(document.encode())):
        assert "hemmelig" not in one.name + one.brand


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "XML"),
        (b"hei", "XML"),
        (b"<FEST></FEST>", "ingen legemidler"),
        (MINI[: len(MINI) // 2], "XML"),
        (b"PK\x03\x04rot", "Zip"),
    ],
)
def test_what_is_no_register_is_refused_in_one_line(content: bytes, says: str) -> None:
    with pytest.raises(RegisterFault, match=says):
        list(read_fest(io.BytesIO(content)))


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
