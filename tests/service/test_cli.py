"""The command line as another program calls it: what it prints, where, and with which exit code (DESIGN §3)."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot import cli, progress_bar
from bot.registers.progress import StoppedError
from tests.service.shell import Shell

ROOT = Path(__file__).parents[2]
FEST = ROOT / "tests" / "data" / "fest-mini.xml.gz"
TODAY = dt.date.today()
PASSWORD = "hemmelig-passord"


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A shell with a database that does not exist yet."""
    return Shell(tmp_path, monkeypatch, capsys)


# --- match ---


def test_lines_in_are_answers_out_in_order(shell: Shell) -> None:
    long = "valtrex " + "x" * 400
    queries = [
        "valtrexx 500mg tab",
        "zypadhera",
        "paraset",
        "",
        "  ",
        "qqqqqqq wwwwww",
        "Østradiol",
        long,
        "<!channel>",
    ]
    done = shell("match", "--json", typed="".join(f"{query}\n" for query in queries))
    assert (done.returncode, done.stderr) == (0, "")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(queries)
    for query, answer in zip(queries, answers, strict=True):
        assert list(answer) == ["query", "decision", "candidates"]
        assert answer["query"] in (query, query[:300], query.strip(), query.strip()[:300])
        assert answer["decision"] in ("match", "ask", "none")
        names = [candidate["name"] for candidate in answer["candidates"]]
        assert len(names) <= 5
        assert len(set(names)) == len(names)
        scores = [candidate["score"] for candidate in answer["candidates"]]
        assert all(0 <= score <= 1 for score in scores)
        for candidate in answer["candidates"]:
            assert list(candidate) == ["kind", "id", "name", "substance", "atc", "atcs", "score"]
            assert candidate["kind"] in ("product", "substance")
            assert isinstance(candidate["atcs"], list)
        if answer["decision"] != "none":
            assert names
    assert len(answers[7]["query"]) <= 300
    valtrex, zypadhera, paracet, empty, blank, *_ = answers
    assert (valtrex["decision"], valtrex["candidates"][0]["name"]) == ("match", "Valtrex tab 500 mg")
    assert valtrex["candidates"][0]["substance"] == "Valaciklovir"
    assert (valtrex["candidates"][0]["atc"], valtrex["candidates"][0]["atcs"]) == ("J05AB11", ["J05AB11"])
    assert zypadhera["candidates"][0]["name"].startswith("Zypadhera")
    assert paracet["candidates"][0]["name"].startswith("Paracet")
    assert (empty["decision"], empty["candidates"]) == (blank["decision"], blank["candidates"]) == ("none", [])


def test_arguments_joined_are_one_query(shell: Shell) -> None:
    joined = shell.rows("match", "--json", "valtrex", "500", "mg")
    assert joined["query"] == "valtrex 500 mg"
    assert joined == shell.rows("match", "--json", "valtrex 500 mg")
    assert shell.rows("match", "--json", "")["decision"] == "none"


def test_a_line_that_is_not_utf8_spoils_its_own_answer_only(shell: Shell) -> None:
    done = shell("match", "--json", typed=b"zypadhera\nf\xf8lsom\nvaltrex 500\n", LC_ALL="C.UTF-8")
    assert done.returncode == 0
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answers[place]["candidates"][0]["name"].split()[0] for place in (0, 2)] == ["Zypadhera", "Valtrex"]
    assert len(answers) == 3


def test_no_queries_are_no_answers(shell: Shell) -> None:
    done = shell("match", "--json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_people_get_words(shell: Shell) -> None:
    done = shell("match", "valtrex 500")
    assert "sikkert treff" in done.stdout
    assert "Valtrex tab 500 mg" in done.stdout


# --- catalogue import ---

BRANDS = (
    "id,varenavn,navnFormStyrke,atc,virkestoff\n"
    "ID_NY-1,Nyttmiddel,Nyttmiddel tab 5 mg,X99XX99,Nyttstoff\n"
    "ID_NY-2,Nyttmiddel,Nyttmiddel tab 10 mg,X99XX99,Nyttstoff\n"
)


def test_fest_is_taken_in_and_the_second_time_changes_nothing(shell: Shell) -> None:
    path = shell.file("fest.xml", gzip.decompress(FEST.read_bytes()))
    first, second = (shell("catalogue", "import", path) for _ in range(2))
    assert (first.returncode, second.returncode, first.stderr, second.stderr) == (0, 0, "", "")
    assert "fest.xml" in first.stdout
    assert ", 0 nye eller endret" not in first.stdout
    assert ", 0 nye eller endret" in second.stdout
    assert shell.rows("match", "--json", "valtrex 500")["decision"] == "match", "the shipped list is still there"


def test_a_brand_list_is_taken_in_and_the_second_time_changes_nothing(shell: Shell) -> None:
    path = shell.file("liste.csv", BRANDS)
    assert "2 preparater lest fra liste.csv, 2 nye eller endret." in shell("catalogue", "import", path).stdout
    assert "2 preparater lest fra liste.csv, 0 nye eller endret." in shell("catalogue", "import", path).stdout
    found = shell.rows("match", "--json", "Nyttmiddel 5 mg")
    assert found["candidates"][0]["name"] == "Nyttmiddel tab 5 mg"


def test_fest_is_shown_before_it_is_applied_and_too_much_gone_is_refused(shell: Shell) -> None:
    content = gzip.decompress(FEST.read_bytes())
    path = shell.file("fest.xml", content)
    shown = shell("catalogue", "import", "--dry-run", path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "75 preparater lest fra fest.xml, 75 nye eller endret." in shown.stdout
    assert "107 pakninger, 16 byttegrupper, 10 varsler" in shown.stdout
    assert "12. april 2017" in shown.stdout
    assert "Ingenting er lagret." in shown.stdout
    assert all(name in shown.stdout for name in ("Estradot", "Pranolol", "Apolar"))
    assert "75 nye eller endret" in shell("catalogue", "import", path).stdout, "the preview stored nothing"
    assert "Ingenting er endret." in shell("catalogue", "import", path).stdout
    inactive = b'<m30:Status V="U" DN="Utgatt"/>'
    short = shell.file("kort.xml", content.replace(b'<m30:Status V="A" DN="Aktiv oppf\xc3\xb8ring"/>', inactive, 20))
    assert "20 av 75 preparatene" in shell.fails("catalogue", "import", short)
    replaced = shell("catalogue", "import", "--replace", short)
    assert replaced.returncode == 0
    assert "utgått: 20" in replaced.stdout


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tom.xml", b""),
        ("tull.xml", b"<html><body>404</body></html>"),
        ("halv.xml", b"<FEST><KatLegemiddelMerkevare><OppfLegemiddelMerkevare>"),
        ("falsk.zip", b"PK\x03\x04 og ikke mer"),
        ("tom.csv", b""),
        ("feil.csv", b"a,b,c\n1,2,3\n"),
    ],
)
def test_a_file_that_is_no_register_is_refused_in_one_line(shell: Shell, name: str, content: bytes) -> None:
    shell.fails("catalogue", "import", shell.file(name, content))


# --- stock import, cover, digest ---

HEADINGS = "lager;preparat;beholdning;enhet;dato;forbruk;periode;forventet;ankomst\n"
MONTH = (TODAY.replace(day=1) - dt.timedelta(1)).strftime("%Y-%m")
GOOD = f"Fokuslisten;Valtrex tab 500 mg;4200;tablett;{TODAY};9000;{MONTH};;\n"
COVER_KEYS = [
    "scope",
    "case",
    "pool",
    "item",
    "substance",
    "atc",
    "on_hand",
    "unit",
    "as_of",
    "stock_date",
    "daily_demand",
    "demand_base",
    "incoming",
    "days_of_cover",
    "p10",
    "p90",
    "stockout_date",
    "shortage_end",
    "gap_days",
    "threshold_days",
    "band",
    "stale",
    "why",
]


def test_a_sheet_is_stored_and_its_cover_told(shell: Shell) -> None:
    done = shell("stock", "import", shell.file("lager.csv", HEADINGS + GOOD))
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 rader lagret fra lager.csv" in done.stdout

    (row,) = shell.rows("cover", "--json")
    assert list(row) == COVER_KEYS
    assert (row["scope"], row["case"], row["pool"], row["item"]) == ("pool", None, "Fokuslisten", "Valtrex tab 500 mg")
    assert (row["on_hand"], row["unit"], row["stock_date"], row["as_of"]) == (
        4200,
        "tablett",
        TODAY.isoformat(),
        TODAY.isoformat(),
    )
    assert row["days_of_cover"] is None or 10 <= row["days_of_cover"] <= 16
    assert row["band"] in ("good", "tight", "very_low", "empty", "unknown")
    assert (row["shortage_end"], row["gap_days"], row["threshold_days"]) == (None, None, None)
    assert row["stale"] is False

    (later,) = shell.rows("cover", "--json", "--as-of", (TODAY + dt.timedelta(60)).isoformat())
    assert (later["stale"], later["band"]) == (True, "unknown")
    (before,) = shell.rows("cover", "--json", "--as-of", "2020-01-01")
    assert (before["on_hand"], before["days_of_cover"], before["band"]) == (None, None, "unknown")
    assert before["why"]
    assert "Valtrex" in shell("cover").stdout


def test_a_figure_that_cannot_be_known_is_null_and_says_why(shell: Shell) -> None:
    sheet = f"lager;preparat;beholdning;enhet;dato\nFokuslisten;Valtrex tab 500 mg;4200;tablett;{TODAY}\n"
    assert shell("stock", "import", shell.file("lager.csv", sheet)).returncode == 0
    (row,) = shell.rows("cover", "--json")
    nulls = ("daily_demand", "days_of_cover", "p10", "p90", "stockout_date")
    assert {name: row[name] for name in nulls} == dict.fromkeys(nulls)
    assert row["why"]


FAULTY = (
    HEADINGS
    + GOOD
    + f"Ukjent lager;Valtrex tab 500 mg;10;tablett;{TODAY};;;;\n"
    + f"Fokuslisten;Valtrex tab 250 mg;-5;tablett;{TODAY};;;;\n"
    + "Fokuslisten;Valtrex tab 250 mg;5;tablett;03/04/2026;;;;\n"
)


def test_a_sheet_with_faults_stores_nothing_and_names_each(shell: Shell) -> None:
    done = shell("stock", "import", shell.file("lager.csv", FAULTY))
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    assert len(lines) == 4
    assert all(line.startswith("mangelvakt: lager.csv: ") for line in lines)
    for line, row, value in zip(lines, ("3", "4", "5"), ("Ukjent lager", "-5", "03/04/2026"), strict=False):
        assert row in line
        assert value in line
    assert "ingenting er lagret" in lines[-1]
    assert shell.rows("cover", "--json") == []


def test_a_file_name_with_an_identity_number_is_refused_in_one_line(shell: Shell) -> None:
    line = shell.fails("stock", "import", shell.file("lager 01019012480.csv", HEADINGS + GOOD))
    assert "fødselsnummer" in line
    assert "01019012480" not in line
    assert shell.rows("cover", "--json") == []


def test_the_first_and_the_last_day_that_can_be_asked_for_are_answered(shell: Shell) -> None:
    assert shell("stock", "import", shell.file("lager.csv", HEADINGS + GOOD)).returncode == 0
    for day in ("2000-01-01", "2100-12-31"):
        assert len(shell.rows("cover", "--json", "--as-of", day)) == 1
    for week in ("2000-W01", "2100-W52"):
        assert shell.rows("digest", "--json", "--week", week)["week"] == week


def test_with_partial_the_good_rows_are_stored_and_the_faults_still_named(shell: Shell) -> None:
    done = shell("stock", "import", "--partial", shell.file("lager.csv", FAULTY))
    assert done.returncode == 0
    assert "1 rader lagret" in done.stdout
    assert len(done.stderr.splitlines()) == 3
    assert [row["item"] for row in shell.rows("cover", "--json")] == ["Valtrex tab 500 mg"]


def test_with_create_pools_an_unknown_pool_is_a_hospitals_own(shell: Shell) -> None:
    sheet = f"lager;preparat;beholdning;enhet;dato\nAhus medisin;Valtrex tab 500 mg;10;tablett;{TODAY}\n"
    path = shell.file("lager.csv", sheet)
    assert shell("stock", "import", path).returncode == 1
    assert shell("stock", "import", "--create-pools", path).returncode == 0
    assert [row["pool"] for row in shell.rows("cover", "--json")] == ["Ahus medisin"]
    again = shell("stock", "import", path)
    assert (again.returncode, again.stderr) == (0, ""), "the pool is known now"


def test_a_sheet_of_windows_1252_is_read_right(shell: Shell) -> None:
    sheet = f"lager;preparat;beholdning;enhet;dato\nSørlandet små;Valtrex tab 500 mg;1 200,5;tablett;{TODAY}\n"
    path = shell.file("lager.csv", sheet.encode("cp1252"))
    assert shell("stock", "import", "--create-pools", path).returncode == 0
    (row,) = shell.rows("cover", "--json")
    assert (row["on_hand"], row["pool"]) == (1200.5, "Sørlandet små")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 og ikke mer", b"\x00\x01\x02", b"bare ord\n"])
def test_a_file_that_is_no_sheet_is_refused(shell: Shell, content: bytes) -> None:
    done = shell("stock", "import", shell.file("lager.xlsx", content))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("mangelvakt: lager.xlsx: ")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("stock", "import"), "stor.csv"),
        (("stock", "import"), "stor.xlsx"),
        (("register", "import", "dmp"), "stor.html"),
        (("register", "import", "cases"), "stor.csv"),
        (("catalogue", "import"), "stor.xml"),
        (("catalogue", "import"), "stor.csv"),
    ],
)
def test_a_file_of_two_gigabytes_is_refused_before_it_is_read(shell: Shell, words: tuple[str, ...], name: str) -> None:
    with (shell.folder / name).open("wb") as file:
        file.truncate(2 * 1024**3)
    done = shell(*words, name)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) <= 2
    assert "2048 MB" in done.stderr or "Filen er for stor" in done.stderr


def test_a_sheet_is_shown_stored_once_and_taken_back(shell: Shell) -> None:
    rows = "lager;preparat;beholdning;enhet;dato\nFokuslisten;Valtrex tab 500 mg;120;tabl;2025-07-04\n"
    shell.file("lager.csv", rows.encode())
    shown = shell("stock", "import", "--dry-run", "lager.csv")
    assert shown.stdout == "1 nye tall, 0 endret, 0 som før.\nIngenting er lagret.\n"
    assert "1 rader lagret fra lager.csv" in shell("stock", "import", "lager.csv").stdout
    again = shell("stock", "import", "lager.csv")
    assert (again.returncode, again.stdout.splitlines()[0]) == (0, "0 nye tall, 0 endret, 1 som før.")
    assert again.stdout.endswith("Ingenting er endret.\n")
    assert "neste 2025-07-14. Sender: ingen" in shell("stock", "calendar").stdout
    undone = shell("stock", "undo")
    assert undone.stdout == "Arket lager.csv er angret: 1 tall tatt bort, 0 fra før står igjen.\n"
    assert shell("stock", "undo").stderr == "mangelvakt: Ingen ark er lagret, så det er ingenting å angre.\n"


def test_headings_of_ones_own_are_explained_in_the_call(shell: Shell) -> None:
    rows = "Sted;Navn;Disponibelt;Forp.;Sist talt\nFokuslisten;Valtrex tab 500 mg;120;tabl;04.07.2025\n"
    shell.file("lager.csv", rows.encode())
    asked = shell("stock", "import", "lager.csv")
    assert asked.returncode == 1
    assert "overskriftene er: Sted, Navn, Disponibelt, Forp., Sist talt. Si hva de er med --map" in asked.stderr
    done = shell("stock", "import", "lager.csv", "--map", "Forp.=enhet")
    assert done.returncode == 0, done.stderr
    assert "1 rader lagret" in done.stdout


def test_on_a_terminal_long_work_draws_a_bar_and_takes_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    drawn = Terminal()
    monkeypatch.setattr(sys, "stderr", drawn)
    monkeypatch.setattr(progress_bar, "FIRST_AFTER", -1.0)
    with progress_bar.Bar("Leser lager.csv") as bar:
        bar(45, 100)
        assert drawn.getvalue().endswith(f"Leser lager.csv {'█' * 13}{'░' * 17} 45 %")
        bar.stop()
        with pytest.raises(StoppedError):
            bar(46, 100)
    assert drawn.getvalue().endswith("\r\033[K")


def test_the_digest_has_its_keys(shell: Shell) -> None:
    digest = shell.rows("digest", "--json", "--week", "2026-W47")
    assert digest["week"] == "2026-W47"
    for section in ("decisions", "new", "ongoing", "upcoming", "closed", "alerts"):
        assert digest[section] == []
    assert (digest["unchanged"], digest["reports"]) == (0, {})
    assert "Mangelmøtet" in shell("digest").stdout


# --- what is wrong ---


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["tull"],
        ["stock"],
        ["stock", "import"],
        ["catalogue", "import"],
        ["digest", "--week", "2026-W60"],
        ["digest", "--week", "47"],
        ["cover", "--as-of", "31.12.2025"],
        ["cover", "--as-of", "2025-02-30"],
        ["cover", "--as-of", "0001-01-01"],
        ["cover", "--as-of", "1999-12-31"],
        ["cover", "--as-of", "2101-01-01"],
        ["digest", "--week", "9999-W52"],
        ["digest", "--week", "0001-W01"],
        ["digest", "--week", "1999-W50"],
        ["match", "--jsonn"],
        ["demo", "--port", "mange"],
    ],
)
def test_a_wrong_call_is_two_and_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(words)
    assert left.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert said.err.startswith("mangelvakt")


def test_a_missing_file_is_named(shell: Shell) -> None:
    for command in ("catalogue", "stock"):
        assert "finnes-ikke.csv" in shell.fails(command, "import", "finnes-ikke.csv")
    assert str(shell.folder) in shell.fails("stock", "import", str(shell.folder)), "a folder is no file"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://mona:{PASSWORD}@localhost:port/db",
        f"mysql://mona:{PASSWORD}@localhost/db",
        f"mona:{PASSWORD}@localhost",
        f"postgresql://mona:a@{PASSWORD}@localhost/db",
        f"postgresql://mona:{PASSWORD}@127.0.0.1:9/db",
        f"postgresql://mona@127.0.0.1:9/db?password={PASSWORD}",
    ],
)
def test_a_database_that_cannot_be_reached_is_told_without_its_password(shell: Shell, url: str) -> None:
    line = shell.fails("cover", DATABASE_URL=url)
    assert PASSWORD not in line
    assert "DATABASE_URL" in line or "127.0.0.1" in line


def test_a_folder_that_cannot_be_made_is_named(shell: Shell) -> None:
    in_the_way = shell.file("i-veien", "")
    assert "i-veien" in shell.fails("cover", DATABASE_URL=f"sqlite:///{in_the_way}/mappe/mangelvakt.sqlite")
    assert "/proc/" in shell.fails("cover", DATABASE_URL="sqlite:////proc/mangelvakt.sqlite")


def test_a_file_that_is_no_database_is_named(shell: Shell) -> None:
    path = shell.file("brev.sqlite", "Kjære Mangelsenter, " * 500)
    assert "brev.sqlite" in shell.fails("cover", DATABASE_URL=f"sqlite:///{path}")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_of_a_newer_version_is_read_and_its_version_left_alone(shell: Shell, database_url: str) -> None:
    import sqlite3

    base = sqlite3.connect(database_url.removeprefix("sqlite:///"))
    with base:
        base.execute("UPDATE alembic_version SET version_num = '9999'")
    done = shell("cover", "--json", DATABASE_URL=database_url)
    assert (done.returncode, json.loads(done.stdout)) == (0, [])
    assert "9999" in done.stderr
    assert base.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)
    base.close()


@pytest.mark.parametrize(
    ("missing", "environment"),
    [
        ("SLACK_BOT_TOKEN", {}),
        ("SLACK_APP_TOKEN", {"SLACK_BOT_TOKEN": "xoxb-1"}),
        ("SLACK_SIGNING_SECRET", {"SLACK_BOT_TOKEN": "xoxb-1", "MANGELVAKT_PORT": "3000"}),
    ],
)
def test_run_says_which_token_is_missing(shell: Shell, missing: str, environment: dict[str, str]) -> None:
    assert missing in shell.fails("run", **environment)
    assert not (shell.folder / "data").exists(), "nothing was begun"


def test_a_wrong_setting_is_named(shell: Shell) -> None:
    assert "MANGELVAKT_DIGEST_CRON" in shell.fails("cover", MANGELVAKT_DIGEST_CRON="hver onsdag")


def test_as_a_process_it_answers_as_the_contract_says(shell: Shell) -> None:
    done = shell.process("match", "--json", typed="valtrexx 500mg tab\nzypadhera\nparaset\n")
    assert (done.returncode, done.stderr) == (0, "")
    names = [json.loads(line)["candidates"][0]["name"] for line in done.stdout.splitlines()]
    assert [name.split()[0] for name in names] == ["Valtrex", "Zypadhera", "Paracet"]


def test_as_a_process_it_fails_as_the_contract_says(shell: Shell) -> None:
    shell.environment["DATABASE_URL"] = f"postgresql://mona:{PASSWORD}@127.0.0.1:9/db"
    done = shell.process("cover", "--json")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert PASSWORD not in done.stderr
    done = shell.process("digest", "--week", "2026-W60")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "2026-W60" in done.stderr


def test_two_processes_that_start_at_once_on_an_empty_database_both_answer(shell: Shell) -> None:
    with ThreadPoolExecutor() as both:
        answers = list(both.map(lambda _: shell.process("match", "--json", "valtrex 500"), range(2)))
    for done in answers:
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["decision"] == "match"


def test_help_and_version_are_zero(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--help"], ["--version"], ["stock", "import", "--help"]):
        with pytest.raises(SystemExit) as left:
            cli.main(words)
        assert left.value.code == 0
    assert "mangelvakt" in capsys.readouterr().out


def _dmp(folder: Path, day: int, *rows: str) -> Path:
    headings = "Legemiddelnavn;Virkestoff(er);Mangelperiode fra;Mangelperiode til;Informasjon/tiltak"
    file = folder / f"dmp-{day}.csv"
    file.write_text("\n".join((f"{headings};Status pr. {day:02d}.07.2025", *rows)), encoding="utf-8")
    return file


VALTREX_NOTICE = "Valtrex 500 mg tablett, filmdrasjert, 10 stk;valaciklovir;01.07.2025;{end};;Pågående"


def test_a_list_of_dmps_is_proposed_row_by_row_and_stored_without_dry_run(shell: Shell) -> None:
    rows = (
        VALTREX_NOTICE.format(end="01.09.2025"),
        "Metacam vet. 5 mg/ml;meloksikam;01.07.2025;01.09.2025;;Pågående",
        "Valtrex 250 mg tablett;valaciklovir;03/04/2025;01.09.2025;;Pågående",
    )
    monday = _dmp(shell.folder, 7, *rows)
    tried = shell("register", "import", "dmp", str(monday), "--dry-run", "--json")
    lines = [json.loads(line) for line in tried.stdout.splitlines()]
    assert [(line["row"], line["action"], line["grade"]) for line in lines] == [
        (2, "new", "certain"),
        (3, "not_relevant", "none"),
        (4, None, "none"),
    ]
    assert set(lines[0]) == {"row", "name", "grade", "atc", "action", "case", "why"}
    assert lines[0]["atc"] == "J05AB11"
    assert "datoen kan bety flere dager" in lines[2]["why"]
    assert "Rad 4, kolonne «Mangelperiode fra», «03/04/2025»" in tried.stderr
    assert tried.returncode == 0
    assert "1 nye" in shell("register", "import", "dmp", str(monday)).stdout
    assert "Samme fil ble lest" in shell("register", "import", "dmp", str(monday)).stdout
    tuesday = _dmp(shell.folder, 8, VALTREX_NOTICE.format(end="01.10.2025"))
    extended = json.loads(shell("register", "import", "dmp", str(tuesday), "--json").stdout.splitlines()[0])
    assert (extended["action"], extended["why"]) == ("extend", "slutt 01.09.2025 → 01.10.2025")
    older = shell("register", "import", "dmp", str(monday))
    assert older.returncode == 1
    assert "en nyere, fra 08.07.2025, er allerede lest" in older.stderr
    assert shell("register", "undo", "dmp").stdout == "Listen dmp-8.csv er angret.\n"


def test_a_file_that_is_no_list_of_dmps_is_refused_in_one_line(shell: Shell) -> None:
    file = shell.folder / "feil.html"
    file.write_text("<html><body>Siden er flyttet</body></html>", encoding="utf-8")
    refused = shell("register", "import", "dmp", str(file))
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1
    assert "ingen tabell med kolonnen Legemiddelnavn" in refused.stderr
    assert shell("register", "import", "dmp", str(shell.folder / "ikke.csv")).returncode == 1
    assert shell("register", "import", "ukjent", "x").returncode == 2


def test_the_digest_goes_to_a_file_for_those_outside_slack(shell: Shell, tmp_path: Path) -> None:
    for form, begins in (("html", b"<!DOCTYPE html>"), ("pdf", b"%PDF-"), ("xlsx", b"PK")):
        file = tmp_path / f"motet.{form}"
        assert "Skrevet til" in shell("digest", "--format", form, "--out", str(file)).stdout
        assert file.read_bytes().lstrip().startswith(begins)
    assert shell.fails("digest", "--format", "pdf", code=2).endswith("--format og --out hører sammen")


def test_minutes_of_a_meeting_that_was_not_held_are_not_made_up(shell: Shell) -> None:
    assert "det er ikke holdt noe møte" in shell.fails("minutes", "--week", "2026-W47")


# --- archive ---


def test_a_case_is_archived_and_nothing_is_erased_unless_it_is_set(shell: Shell, tmp_path: Path) -> None:
    cases = str(ROOT / "tests" / "data" / "saker.csv")
    assert shell("register", "import", "cases", cases, "--partial").returncode == 0
    done = shell("archive", "export", "--case", "2025-0002", "--format", "json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["tables"]["shortage_case"]["rows"][0]["status"] == "closed"
    done = shell("archive", "export", "--case", "2025-0002", "--output", str(tmp_path / "sak.pdf"))
    assert done.returncode == 0
    assert (tmp_path / "sak.pdf").read_bytes()[:5] == b"%PDF-"
    done = shell("archive", "export", "--case", "2031-0001", "--format", "json")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "mangelvakt: Fant ikke sak 2031-0001.\n")
    assert shell("archive", "export", "--case", "2025-0002").returncode == 2, "a PDF is no text for a terminal"
    done = shell("archive", "erase")
    assert (done.returncode, done.stdout) == (0, "Ingenting slettes: [retention] er tom i innstillingene.\n")
    (tmp_path / "mangelvakt.toml").write_text("[retention]\nmessages = 365\n", encoding="utf-8")
    done = shell("archive", "erase", "--dry-run")
    assert done.returncode == 0
    assert "0 direktemeldinger" in done.stdout and "Ingenting er endret." in done.stdout
    (tmp_path / "mangelvakt.toml").write_text("[retention]\nended_cases = 365\n", encoding="utf-8")
    done = shell("archive", "erase")
    assert done.returncode == 1
    assert "archive_folder" in done.stderr and done.stderr.count("\n") == 1


# --- other countries' registers, and out again ---


SWEDISH = (
    "country_code,medicine_name,active_substance,strength,package_size,atc_code,shortage_start,estimated_end,status\n"
    "SE,Valaciklovir X,valaciklovir,500 mg,30,J05AB11,2025-06-01,,shortage\n"
)


def test_a_neighbours_list_is_shown_read_in_and_taken_back(shell: Shell) -> None:
    path = shell.file("se.csv", SWEDISH)
    done = shell("register", "import", "sweden", path, "--dry-run", "--json")
    (line,) = map(json.loads, done.stdout.splitlines())
    assert (line["row"], line["grade"], line["atc"], line["action"]) == (2, "certain", "J05AB11", "new")
    assert "1 nye" in shell("register", "import", "sweden", path).stdout
    assert "ikke" not in shell("register", "undo", "sweden").stderr
    assert "ingen adresse" in shell.fails("register", "fetch", "sweden")
    wrong = shell.file("x.csv", "a,b\n1,2\n")
    assert "Ventet kolonnene" in shell.fails("register", "import", "sweden", wrong)


def test_what_is_stored_comes_out_in_every_form(shell: Shell, tmp_path: Path) -> None:
    for kind in ("cases", "stock", "audit"):
        assert json.loads(shell("export", kind, "--format", "json").stdout) is not None
        book = tmp_path / f"{kind}.xlsx"
        assert "Skrevet til" in shell("export", kind, "--format", "xlsx", "--output", str(book)).stdout
        assert book.read_bytes().startswith(b"PK")
        assert "trenger --output" in shell.fails("export", kind, "--format", "xlsx", code=2)
    assert json.loads(shell("export", "shortages", "--format", "ema").stdout) == []
    assert shell("export", "shortages", "--format", "canada").stdout.startswith("Report ID,")
    assert shell("export", "cases", "--published").stdout.startswith("saksnummer;preparat;")
    assert "ikke publisert" in shell.fails("export", "varsel", "--case", "2025-0001")
