"""What /contribuer receives: bounded forms, tables given in any way, a desk that keeps its pace, public bundles."""

import asyncio
import csv
import io
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from observatory.contributions_bundle import Contribution, Declaration, amended_descriptor, read_declaration
from observatory.contributions_desk import AT_ONCE, WAITING, Buckets, Desk, opened, outbox_of
from observatory.contributions_input import (
    MOST_BYTES,
    Form,
    Given,
    Refused,
    given_table,
    read_form,
    shown_name,
)
from observatory.contributions_repair import Repair, places, understood
from observatory.contributions_templates import following
from observatory.outbox import FolderOutbox
from observatory.outbox_branch import BranchOutbox
from observatory.problems import Problem, kinds, problem

NAMES = ["ref_area", "indicator", "time_period", "obs_value"]
KEY = ["ref_area", "indicator", "time_period"]
WHO = Declaration(
    "Ville de Mulhouse", "author", "Rapport d’activité 2025", "https://example.org/r", "2026-10-01", "etalab-2.0"
)
LIMITED = {"content-type": "multipart/form-data; boundary=b"}
Receive = Callable[[], Awaitable[dict[str, Any]]]


def sent(*bodies: bytes) -> Receive:
    """The receive function of a request whose body comes in those parts."""
    parts: Iterator[tuple[int, bytes]] = iter(list(enumerate(bodies, start=1)))

    async def receive() -> dict[str, Any]:
        number, body = next(parts)
        return {"type": "http.request", "body": body, "more_body": number < len(bodies)}

    return receive


def multipart(fields: dict[str, str], file: tuple[str, bytes] | None = None) -> tuple[dict[str, str], bytes]:
    """Headers and body of a form as browsers send it."""
    parts = [f'Content-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode() for n, v in fields.items()]
    if file:
        head = f'Content-Disposition: form-data; name="fichier"; filename="{file[0]}"\r\n\r\n'
        parts.append(head.encode() + file[1] + b"\r\n")
    body = b"".join(b"--limite\r\n" + part for part in parts) + b"--limite--\r\n"
    return {"content-type": "multipart/form-data; boundary=limite", "content-length": str(len(body))}, body


async def test_form_is_read_whole_with_its_file() -> None:
    headers, body = multipart(
        {"territoire": "DEP-68", "collage": "é\r\nà"}, ("C:\\docs\\Été 2026 !.XLSX", b"\x00\xff" * 9)
    )
    form = await read_form(headers, sent(body[:40], body[40:200], body[200:]))
    assert form.fields == {"territoire": "DEP-68", "collage": "é\nà"}
    assert (form.file_name, form.content) == ("Été_2026.xlsx", b"\x00\xff" * 9)


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": "application/json"}, b"{}", 415),
        ({}, b"", 415),
        ({"content-type": "multipart/form-data"}, b"x", 400),
        (LIMITED, b"n'importe quoi", 400),
        (
            {"content-type": "multipart/form-data; boundary=b"},
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx',
            400,
        ),
        (LIMITED, b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--b--\r\n', 400),
        (LIMITED, b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n' * 6000 + b"--b--\r\n", 400),
        ({**LIMITED, "content-length": "-1"}, b"", 400),
        ({**LIMITED, "content-length": str(MOST_BYTES + 1)}, b"", 413),
        ({"content-type": "application/x-www-form-urlencoded"}, b"a=1", 415),
    ],
)
async def test_other_bodies_are_refused_in_french(headers: dict[str, str], body: bytes, status: int) -> None:
    with pytest.raises(Refused) as caught:
        await read_form(headers, sent(body))
    assert caught.value.status == status and str(caught.value)[-1] == "."


async def test_body_longer_than_announced_is_stopped_on_its_way() -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
    parts = [head, *[b"x" * 1_000_000] * 30]
    read = 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": parts[read - 1], "more_body": True}

    with pytest.raises(Refused) as caught:
        await read_form({**LIMITED, "content-length": "10"}, receive)
    assert caught.value.status == 413 and read == 11


async def test_interrupted_sending_is_refused() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(Refused, match="interrompu"):
        await read_form(LIMITED, receive)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd.csv"),
        ("a\\b\\c.ods", "c.ods"),
        ("", "fichier.csv"),
        ("<script>.html", "script.csv"),
        ("x" * 300 + ".xlsx", "x" * 60 + ".xlsx"),
        ("\0\n.csv", "fichier.csv"),
        ("..", "fichier.csv"),
    ],
)
def test_name_of_a_file_is_plain(given: str, shown: str) -> None:
    assert shown_name(given) == shown


def table(**fields: str) -> Given | None:
    return given_table(Form({name.replace("_", "-"): text for name, text in fields.items()}), NAMES, KEY)


def test_pasted_cells_become_a_table() -> None:
    given = table(collage="ref_area\tindicator\ttime_period\tobs_value\nDEP-68\tcouverture-fibre\t2022-Q4\t93,5\n\n")
    assert given is not None
    assert (
        given.content.decode() == 'ref_area,indicator,time_period,obs_value\nDEP-68,couverture-fibre,2022-Q4,"93,5"\n'
    )


def test_pasted_cells_without_titles_take_those_of_the_model_and_it_is_said() -> None:
    given = table(collage='DEP-68\t"couverture\nfibre"\t2022-Q4\t93')
    assert given is not None
    assert list(csv.reader(io.StringIO(given.content.decode()))) == [
        NAMES,
        ["DEP-68", "couverture\nfibre", "2022-Q4", "93"],
    ]
    assert any("titres" in text for text in given.understood)


def test_pasted_text_without_tabs_is_left_to_the_reader() -> None:
    given = table(collage="ref_area;indicator\nDEP-68;x")
    assert given is not None and given.content == b"ref_area;indicator\nDEP-68;x" and given.understood == ()


def test_grid_keeps_the_rows_that_were_filled() -> None:
    rows = {(0, 0): "DEP-68", (0, 1): "couverture-fibre", (0, 2): "2022-Q4", (0, 3): ""}
    rows |= {(1, 0): "DEP-68", (1, 1): "couverture-fibre", (1, 2): "2023-Q1", (1, 3): " 95 "}
    fields = {f"cellule-{row}-{column}": text for (row, column), text in rows.items()}
    given = given_table(Form({**fields, "cellule-999999-0": "x", "cellule-x-0": "x"}), NAMES, KEY)
    assert given is not None
    assert given.content.decode().splitlines()[1:] == ["DEP-68,couverture-fibre,2023-Q1,95"]


def test_empty_form_gives_no_table() -> None:
    assert table() is None and table(collage=" \n ", cellule_0_0="DEP-68") is None


def test_cells_mended_in_the_report_take_their_place() -> None:
    given = table(table="a,b\n1,2\n3,4\n", cellule_1_0='x,"y"', cellule_9_9="z", nom="été.xlsx")
    assert given is not None
    assert given.content.decode() == 'a,b\n1,2\n"x,""y""",4\n' and given.name == "été.csv"


CORRECTIONS = json.dumps([[0, 0, "a:x", "10"], [1, 0, "a:x", "30"], [1, 1, "b:y", ""], [2, -1, "duplicate-key:", ""]])


@pytest.mark.parametrize(
    ("wanted", "rows", "changes"),
    [
        ("", ["1,2", "3,4", "3,4"], 0),
        ("tout", ["10,2", "30,", ""], 4),
        ("1", ["1,2", "30,4", "3,4"], 1),
        ("a:x", ["10,2", "30,4", "3,4"], 2),
        ("duplicate-key:", ["1,2", "3,4"], 1),
        ("sans:b", ["1", "3", "3"], 1),
        ("sans:z", ["1,2", "3,4", "3,4"], 0),
    ],
)
def test_mendings_asked_for_are_applied(wanted: str, rows: list[str], changes: int) -> None:
    given = table(table="a,b\n1,2\n3,4\n3,4\n", corrections=CORRECTIONS, appliquer=wanted)
    assert given is not None
    assert given.content.decode().splitlines()[1:] == [row for row in rows if row]
    assert given.changes == changes


def test_what_was_written_by_hand_wins_over_a_mending() -> None:
    given = table(table="a,b\n1,2\n3,4\n", corrections=CORRECTIONS, appliquer="tout", cellule_0_0="7", cellule_1_0="3")
    assert given is not None and given.content.decode() == "a,b\n7,2\n30,\n"


@pytest.mark.parametrize("text", ["[", "[1]", "[[1]]", '[["x", 0, "", ""]]', "[null]"])
def test_hostile_list_of_mendings_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        table(table="a,b\n1,2\n", corrections=text, appliquer="tout")


def test_bucket_empties_and_fills_again() -> None:
    now = [0.0]
    buckets = Buckets(burst=3, every=10, clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 10]
    assert buckets.take("b") == 0
    now[0] = 10
    assert buckets.take("a") == 0 and buckets.take("a") == 10
    now[0] = 1000
    assert buckets.take("a", 3) == 0


def test_closed_desk_refuses_and_open_one_keeps_the_pace(root: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        opened({"root": str(root), "outbox": None}, "x.db").admit("a")
    assert caught.value.status == 403
    desk = opened({"root": str(root), "outbox": str(tmp_path / "depot")}, "x.db")
    with pytest.raises(Refused) as caught:
        for _ in range(1000):
            desk.admit("a")
    assert caught.value.status == 429 and int(caught.value.headers["Retry-After"]) > 0
    desk.admit("b")


async def test_no_more_than_a_few_tasks_at_once(root: Path) -> None:
    desk = Desk(root, Path("x.db"), None)
    running, most = [0], [0]
    gate = asyncio.Event()
    loop = asyncio.get_running_loop()

    def task() -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        asyncio.run_coroutine_threadsafe(gate.wait(), loop).result(10)
        running[0] -= 1

    tasks = [asyncio.create_task(desk.work(task)) for _ in range(AT_ONCE + WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(Refused) as caught:
        await desk.work(task)
    assert caught.value.status == 503 and "Retry-After" in caught.value.headers
    gate.set()
    await asyncio.gather(*tasks)
    assert most[0] <= AT_ONCE and desk.present == 0


def test_setting_of_the_outbox(root: Path) -> None:
    assert outbox_of("", root) is None
    folder, branch = outbox_of("build/contributions", root), outbox_of("git:origin", root)
    assert isinstance(folder, FolderOutbox) and folder.folder == root / "build" / "contributions"
    assert isinstance(branch, BranchOutbox) and branch.remote == "origin"


def declared(**changes: str) -> tuple[Declaration, dict[str, str]]:
    fields = {
        "organisation": WHO.organisation,
        "role": "author",
        "source": WHO.source,
        "adresse": WHO.address,
        "etat": "2026-10-01",
        "licence": "etalab-2.0",
        "territoire": "COM-68224",
        "engagement": "oui",
    }
    return read_declaration(Form({**fields, **changes}), {"etalab-2.0": {}}, lambda area: area == "COM-68224")


def test_complete_declaration_has_no_fault() -> None:
    who, faults = declared()
    assert faults == {} and who.ref_area == "COM-68224"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("organisation", ""),
        ("organisation", "Jean, jean.martin@mulhouse.example"),
        ("source", "a"),
        ("source", "Appelez le 03 89 00 00 00"),
        ("role", "roi"),
        ("adresse", "javascript:alert(1)"),
        ("adresse", "http://example.org"),
        ("adresse", "https://a b"),
        ("etat", "hier"),
        ("licence", "secret"),
        ("engagement", ""),
    ],
)
def test_faulty_declaration_says_what_to_write(field: str, text: str) -> None:
    _, faults = declared(**{field: text})
    assert list(faults) == [field] and faults[field][-1] == "."


def contribution(**changes: Any) -> Contribution:
    row = ["DEP-68", "couverture-fibre", "2022-Q4", "93.5"]
    given = {
        "reference": "20261123-abcdefghjk",
        "received": date(2026, 11, 23),
        "dataset": "couverture_fibre",
        "title": "Fibre",
        "key": tuple(KEY),
        "header": NAMES,
        "rows": [row],
        "declaration": WHO,
        "reports": {"report.json": "{}", "report.md": "Tout est en ordre.\n"},
    }
    return Contribution(**{**given, **changes})


def test_bundle_holds_the_merged_dataset_and_names_no_person(root: Path) -> None:
    files = contribution().compose(lambda name: (root / name).read_text(encoding="utf-8"))
    before = (root / "datasets" / "couverture_fibre.csv").read_text().splitlines()
    after = files["datasets/couverture_fibre.csv"].decode().splitlines()
    assert [line for line in after if line not in before] == ["DEP-68,couverture-fibre,2022-Q4,93.5"]
    assert [line for line in after if line in before] == before
    declaration = yaml.safe_load(files["declaration.yml"])
    assert declaration["organisation"] == "Ville de Mulhouse" and declaration["rows"] == 1
    assert set(files) == {
        *("datasets/couverture_fibre.csv", "datasets/couverture_fibre.resource.yaml"),
        *("declaration.yml", "report.json", "report.md", "status.yml"),
    }
    assert json.loads(files["report.json"]) == {} and b"@" not in b"".join(files.values())


def test_row_already_published_is_replaced(root: Path) -> None:
    row = ["DEP-68", "couverture-fibre", "2022-Q3", "99"]
    files = contribution(rows=[row]).compose(lambda name: (root / name).read_text(encoding="utf-8"))
    lines = files["datasets/couverture_fibre.csv"].decode().splitlines()
    assert [line for line in lines if line.startswith("DEP-68") and "Q3" in line] == [",".join(row)]


@pytest.mark.parametrize("name", ["couverture_fibre", "eligibilite_fixe", "france_services", "initiatives"])
def test_amended_descriptor_changes_only_what_it_must(root: Path, name: str) -> None:
    text = (root / "datasets" / f"{name}.resource.yaml").read_text(encoding="utf-8")
    after = amended_descriptor(text, WHO, "2026-12-31")
    before, now = yaml.safe_load(text), yaml.safe_load(after)
    assert now["sources"] == [*before["sources"], {"title": WHO.source, "path": WHO.address, "version": "2026-10-01"}]
    assert now["contributors"] == [*before["contributors"], {"title": WHO.organisation, "role": "author"}]
    assert str(now["temporal"]["end"]) == "2026-12-31" and str(now["last_update"]) == "2026-10-01"
    kept = set(before) - {"sources", "contributors", "temporal", "last_update"}
    assert {key: before[key] for key in kept} == {key: now[key] for key in kept}
    assert amended_descriptor(after, WHO, "2026-12-31") == after
    unchanged = [line for line in text.splitlines() if line not in after.splitlines()]
    assert all("temporal" in line or "end:" in line or "last_update" in line for line in unchanged)


def test_dates_of_a_descriptor_never_go_back(root: Path) -> None:
    text = (root / "datasets" / "couverture_fibre.resource.yaml").read_text(encoding="utf-8")
    before = yaml.safe_load(text)
    after = yaml.safe_load(amended_descriptor(text, replace(WHO, state="2001-01-01"), "2001-12-31"))
    assert (after["temporal"], after["last_update"]) == (before["temporal"], before["last_update"])


def test_hostile_words_of_a_declaration_stay_words(root: Path) -> None:
    hostile = Declaration('x"\n- injected: true #', "author", "&a !!python/object:os.system", "", "", "etalab-2.0")
    text = (root / "datasets" / "couverture_fibre.resource.yaml").read_text(encoding="utf-8")
    now = yaml.safe_load(amended_descriptor(text, hostile, ""))
    assert now["contributors"][-1]["title"] == hostile.organisation
    assert now["sources"][-1] == {"title": hostile.source}
    bundle = contribution(declaration=hostile)
    declaration = yaml.safe_load(bundle.compose(lambda name: (root / name).read_text("utf-8"))["declaration.yml"])
    assert declaration["organisation"] == hostile.organisation


@pytest.mark.parametrize(
    ("periods", "found"),
    [
        (["2022-Q2", "2022-Q3"], ["2022-Q4", "2023-Q1", "2023-Q2"]),
        (["2022-Q4"] * 3, []),
        (["2020", "2022", "2024"], ["2026"]),
        (["2026-09", "2026-10"], ["2026-11"]),
        (["2025-11", "2025-12"], ["2026-01", "2026-02", "2026-03"]),
        (["2026-Q2", "2026-Q3"], ["2026-Q4"]),
        (["2019-Q1", "2020-Q1", "2021-Q2"], []),
        (["2019", "2020-Q4"], []),
        (["hier", "2020"], []),
        ([], []),
    ],
)
def test_next_periods_follow_a_regular_rhythm_up_to_today(periods: list[str], found: list[str]) -> None:
    assert following(periods, date(2026, 11, 23)) == found


def test_mendings_are_listed_once_each_with_their_lines() -> None:
    code = "decimal-comma"
    rows = [["Haut-Rhin"], ["Haut-Rhin "], ["Haut-Rhin"], ["Bas-Rhin"]]
    faults = [
        Problem(code, "error", "faux.", "a.csv", line, "ref_area", mending="Écrivez.", correction="DEP-68")
        for line in (2, 3, 4)
    ]
    faults.append(Problem(code, "error", "inconnu.", "a.csv", 5, "ref_area"))
    page = Repair(["ref_area"], rows, [2, 3, 4, 5], faults).page()
    assert page["mendings"][0]["examples"] == [("Haut-Rhin", "DEP-68")] and page["remaining"] == 1
    assert page["mendings"][0]["all"] == [
        ("Haut-Rhin", "DEP-68", "lignes 2 et 4"),
        ("Haut-Rhin␣", "DEP-68", "ligne 3"),
    ]
    said = [row["cells"][0]["said"] for row in page["faulty"]]
    assert said == [["faux. Écrivez."], ["faux."], ["faux."], ["inconnu."]]


def test_lines_set_aside_are_told_together() -> None:
    empty = [problem("blank-row", "a.csv", line) for line in (4, 9, 12)]
    assert understood(empty) == ["la ligne est vide : lignes 4, 9 et 12, mises de côté."]
    assert places(list(range(1, 15))).endswith("10 et 4 autres")


def test_words_of_the_desk_never_send_to_the_repository() -> None:
    for kind in kinds().values():
        assert not re.search(r"validate\.py|codelists|schemas/|indicators/|\bcog\b|[{}]", kind.desk), kind.code
    entry = problem("unknown-indicator", "a.csv", 2, "indicator", value="x", suggestion="")
    assert "indicators/" in entry.mending and "page « Indicateurs »" in entry.at_desk.mending


@pytest.mark.parametrize("row", ["", "x", "-1", "9", "²", "9" * 5000])
def test_row_that_is_not_there_cannot_be_removed(row: str) -> None:
    given = table(table="a,b\n1,2\n", retirer=row)
    assert given is not None and given.content.decode() == "a,b\n1,2\n" and given.changes == 0


def test_column_takes_the_name_that_its_author_gives_once() -> None:
    names = {"colonne-obs_value": "b", "colonne-ref_area": "b", "colonne-a": "b"}
    given = given_table(Form({"table": "a,b\n1,2\n", **names}), NAMES, KEY)
    assert given is not None and given.content.decode() == "a,obs_value\n1,2\n" and given.changes == 1
