"""The review of a contribution: judged by the base, told in French, the same twice, and nothing live in it."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from repositories import ROOT, copy_site, edit

from observatory.changes import Effect, ValueChange
from observatory.database import build
from observatory.review import CHANGED, NEW, REMOVED, DatasetReview, Review, build_preview, review
from observatory.review_files import FILES, FORMATS, annotations, codequality, write_folder
from observatory.review_html import html
from observatory.review_markdown import BOUND, MARKER, markdown
from observatory.review_sources import Change, Entry, Folder, UnknownSource, changes, refusal, source

FIBRE, REGISTER = "datasets/couverture_fibre.csv", "datasets/initiatives.csv"
DESCRIPTOR = "datasets/couverture_fibre.resource.yaml"


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=essai", "-c", "user.email=essai@example.invalid", "-c", "core.hooksPath=/dev/null"]
    command = ["git", *identity, *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny repository under git, on the branch main, with its database beside it."""
    root = copy_site(tmp_path_factory.mktemp("review") / "site")
    (root / ".gitignore").write_text("donnees.db\n", encoding="utf-8")
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=base")
    build(root, root / "donnees.db", lambda step, seconds: None)
    return root


@pytest.fixture
def head(published: Path, tmp_path: Path) -> Path:
    """A clone on the branch `contribution`, where tests make their changes."""
    folder = tmp_path / "head"
    git(tmp_path, "clone", "--quiet", str(published), str(folder))
    git(folder, "switch", "--quiet", "--create", "contribution")
    return folder


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=contribution")


def judged(published: Path, folder: Path) -> Review:
    commit(folder)
    return review(source(folder, "main"), source(folder, "contribution"), published / "donnees.db")


def test_a_good_contribution(published: Path, head: Path) -> None:
    edit(head / FIBRE, "2022-Q3,61.5", "2022-Q3,99")
    found = judged(published, head)
    assert found.publishable
    assert (found.problems, found.refused, found.others) == ([], [], [])
    (dataset,) = found.datasets
    assert (dataset.name, dataset.state, dataset.descriptor) == ("couverture_fibre", CHANGED, [])
    assert dataset.difference and dataset.difference.text == "1\u00a0ligne changée"
    assert found.effect and {v.ref_area for v in found.effect.values} == {"DEP-01"}
    text = markdown(found)
    assert text.startswith(f"{MARKER}\n\n## Revue de la contribution\n\n**Publiable : ")
    assert "| `DEP-01 · couverture-fibre · 2022-Q3` | `obs_value : 61.5 → 99` |" in text
    assert "| Part des locaux raccordables à la fibre optique | Ain `DEP-01` | 2022-Q3 | 61,5 % | 99 % |" in text
    assert "| Ain `DEP-01` | 49,82 → 74,82 | 3 → 4 | 4ᵉ → 3ᵉ |" in text
    assert "| Corse-du-Sud `DEP-2A` | Départements | 3ᵉ → 4ᵉ | non |" in text
    assert text.count("- [ ] ") >= 3


def test_errors_leave_a_review_that_says_why_there_is_no_effect(published: Path, head: Path) -> None:
    edit(head / FIBRE, "2022-Q3,61.5", "2022-Q3,soixante")
    found = judged(published, head)
    assert not found.publishable
    assert found.effect is None
    text = markdown(found)
    assert "**Non publiable en l’état : 1 erreur.**" in text
    assert "- `datasets/couverture_fibre.csv:3`, colonne `obs_value` : « soixante »" in text
    assert "L’effet ne peut pas être calculé" in text
    assert "`obs_value : 61.5 → soixante`" in text


def test_a_file_that_cannot_be_read_has_no_difference(published: Path, head: Path) -> None:
    (head / FIBRE).write_bytes(b"\x00\x01\x02")
    found = judged(published, head)
    assert not found.publishable
    assert found.datasets[0].difference is None
    assert "ne peuvent pas être comparées" in markdown(found)


def test_the_base_judges_with_its_own_schemas_and_method(published: Path, head: Path) -> None:
    edit(head / FIBRE, "2022-Q3,61.5", "2022-Q3,soixante")
    edit(head / "schemas" / "observations.schema.json", '"number"', '"string"')
    edit(head / "indicators" / "infrastructures" / "couverture-fibre.yml", "weight: 2", "weight: 9")
    found = judged(published, head)
    assert [entry.code for entry in found.problems] == ["not-a-number"]
    assert found.others == ["indicators/infrastructures/couverture-fibre.yml", "schemas/observations.schema.json"]
    assert "Touche aussi au code ou à la méthode : relecture humaine." in markdown(found)


def test_code_alone_changes_no_dataset(published: Path, head: Path) -> None:
    (head / "README.md").write_text("bonjour\n", encoding="utf-8")
    found = judged(published, head)
    assert found.publishable and not found.datasets
    assert "Aucun jeu de données ne change." in markdown(found)
    assert "Effet" not in markdown(found)


def test_what_the_base_changed_meanwhile_is_not_undone(published: Path, head: Path) -> None:
    edit(head / FIBRE, "2022-Q3,61.5", "2022-Q3,62")
    commit(head)
    git(head, "switch", "--quiet", "main")
    edit(head / "datasets" / "france_services.csv", "01004,1", "01004,2")
    edit(head / FIBRE, "2022-Q2,58", "2022-Q2,57")
    commit(head)
    found = review(source(head, "main"), source(head, "contribution"))
    assert [dataset.name for dataset in found.datasets] == ["couverture_fibre"]
    assert found.clashes == [FIBRE]
    assert "Modifié aussi dans la base entre-temps" in markdown(found)


def test_a_new_dataset_and_one_that_goes(published: Path, head: Path) -> None:
    folder = head / "datasets"
    text = (head / DESCRIPTOR).read_text(encoding="utf-8").replace("couverture_fibre", "fibre_regions")
    (folder / "fibre_regions.resource.yaml").write_text(re.sub(r"min: \d+", "min: 1", text), encoding="utf-8")
    header = "ref_area,indicator,time_period,obs_value\n"
    (folder / "fibre_regions.csv").write_text(f"{header}REG-44,couverture-fibre,2022-Q3,88\n", encoding="utf-8")
    for path in folder.glob("france_services.*"):
        path.unlink()
    found = judged(published, head)
    assert found.problems == []
    assert {dataset.name: dataset.state for dataset in found.datasets} == {
        "fibre_regions": NEW,
        "france_services": REMOVED,
    }
    assert found.effect and {c.indicator for c in found.effect.coverage} == {
        "couverture-fibre",
        "france-services-100000",
    }
    text = markdown(found)
    assert "Couverture gagnée et perdue" in text
    assert "`licenses.1.name` (licence) | — | `etalab-2.0` |" in text
    assert "Le retrait est voulu" in text and "La licence est celle de la source" in text


def test_a_descriptor_that_changes(published: Path, head: Path) -> None:
    edit(head / DESCRIPTOR, "end: 2022-09-30", "end: 2022-10-01")
    edit(head / DESCRIPTOR, "max: 12", "max: 13")
    found = judged(published, head)
    assert [(c.key, c.before, c.after) for c in found.datasets[0].descriptor] == [
        ("temporal.end", "2022-09-30", "2022-10-01"),
        ("expectations.rows.max", "12", "13"),
    ]
    text = markdown(found)
    assert "| `temporal.end` (période) | `2022-09-30` | `2022-10-01` |" in text
    assert "aucune valeur ne change" in text
    assert "Aucun chiffre publié, aucun score et aucun rang ne change." in text


@pytest.mark.parametrize("lone", ["csv", "descriptor"])
def test_half_of_a_dataset_is_an_error(published: Path, head: Path, lone: str) -> None:
    (head / (DESCRIPTOR if lone == "csv" else FIBRE)).unlink()
    found = judged(published, head)
    assert not found.publishable
    assert {entry.code for entry in found.problems} & {"missing-descriptor", "missing-csv"}
    assert markdown(found).startswith(MARKER)


def test_what_is_not_a_dataset_is_refused_and_not_read(published: Path, head: Path) -> None:
    (head / "secret").write_text("mot de passe\n", encoding="utf-8")
    (head / FIBRE).unlink()
    (head / FIBRE).symlink_to("/etc/hostname")
    (head / "datasets" / "tableau.xlsx").write_bytes(b"PK")
    (head / "datasets" / "sous").mkdir()
    (head / "datasets" / "sous" / "x.csv").write_text("a\n", encoding="utf-8")
    found = judged(published, head)
    assert not found.publishable
    assert {path for path, _ in found.refused} == {FIBRE, "datasets/tableau.xlsx", "datasets/sous/x.csv"}
    text = markdown(found)
    assert f"- `{FIBRE}` : c'est un lien vers un autre fichier" in text
    assert "3 fichiers refusés" in text
    assert Path("/etc/hostname").read_text(encoding="utf-8").strip() not in text
    assert "::error title=Fichier refusé::datasets/couverture_fibre.csv : " in annotations(found)


def test_names_of_files_are_data_too(published: Path, head: Path, tmp_path: Path) -> None:
    for name in (b"code\xff.py", b"a\rb|`c.py", b"datasets/\xfe.csv", b"<b>@equipe.py"):
        (head / os.fsdecode(name)).write_text("x\n", encoding="utf-8")
    found = judged(published, head)
    assert len(found.others) == 3 and len(found.refused) == 1
    write_folder(found, tmp_path / "revue")
    text = (tmp_path / "revue" / "revue.md").read_text(encoding="utf-8")
    assert "<code>a&#9229;b&#124;&#96;c&#46;py</code>" in text
    assert "`<b>@equipe.py`" in text
    assert "<b>" not in (tmp_path / "revue" / "revue.html").read_text(encoding="utf-8").partition("<body>")[2]


@pytest.mark.parametrize(
    "path, entry, why",
    [
        ("datasets/../indicators/x.csv", Entry("file", "0", 1), "sous-dossier"),
        ("datasets/..", Entry("file", "0", 1), "sous-dossier"),
        ("datasets/a\\b.csv", Entry("file", "0", 1), "sous-dossier"),
        ("datasets/a\nb.csv", Entry("file", "0", 1), "seuls un CSV"),
        ("datasets/a.py", Entry("file", "0", 1), "seuls un CSV"),
        ("datasets/a.csv", Entry("link", "0", 1), "un lien"),
        ("datasets/a", Entry("other", "0", 0), "pas un fichier"),
        ("datasets/a.csv", Entry("file", "0", 10**10), "10\u202f000 Mo"),
    ],
)
def test_paths_and_sizes_are_checked_before_anything_is_read(path: str, entry: Entry, why: str) -> None:
    assert why in str(refusal(Change(path, None, entry)))


def test_two_folders_give_the_same_review_as_two_revisions(published: Path, head: Path, tmp_path: Path) -> None:
    edit(head / FIBRE, "2022-Q3,61.5", "2022-Q3,99")
    by_git = judged(published, head)
    copy = shutil.copytree(head, tmp_path / "copy", ignore=shutil.ignore_patterns(".git"))
    for state in (Folder(head), Folder(copy)):
        found = review(source(head, "main"), state, published / "donnees.db")
        assert (found.datasets, found.effect, found.problems) == (by_git.datasets, by_git.effect, by_git.problems)
    assert [c.path for c in changes(Folder(published), Folder(copy))] == [FIBRE]


def test_a_link_of_a_folder_is_not_followed(head: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(head, tmp_path / "copy", ignore=shutil.ignore_patterns(".git"))
    (copy / FIBRE).unlink()
    (copy / FIBRE).symlink_to("/etc/hostname")
    (copy / "ailleurs").symlink_to("/etc")
    found = {change.path: change.after for change in changes(Folder(head), Folder(copy))}
    assert {path: entry and entry.kind for path, entry in found.items() if path != ".gitignore"} == {
        FIBRE: "link",
        "ailleurs": "link",
    }


def test_an_unknown_state_is_said(head: Path) -> None:
    for text in ("nulle-part", "--output=x", "", "/etc"):
        with pytest.raises(UnknownSource, match="ni une révision git"):
            source(head, text)


def test_the_same_inputs_give_the_same_bytes(published: Path, head: Path, tmp_path: Path) -> None:
    edit(head / FIBRE, "2022-Q3,61.5", "2022-Q3,99")
    edit(head / FIBRE, "2022-Q2,78", "2022-Q2,soixante")
    write_folder(judged(published, head), tmp_path / "one", "https://forge.example/1")
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", "--branch=contribution", str(head), str(other))
    again = review(source(other, "origin/main"), source(other, "HEAD"))
    write_folder(again, tmp_path / "two", "https://forge.example/1")
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


HOSTILE = [
    "<script>alert(1)</script>",
    "@equipe relisez",
    "a|b`c``d",
    "[lien](https://exemple.invalid) ![](x)",
    "*gras* _x_ ~~y~~ # titre &amp; $x$",
    "::error::faux %0A",
    "<!-- observatoire:revue --> -->",
    "https://exemple.invalid/www.exemple.invalid #12 GH-3",
    "\\` \\| fin\\",
]


def outside_code(text: str) -> str:
    """What a forge would render of a Markdown text, apart from its code spans."""
    return re.sub(r"`[^`\n]+`|<code>[^<]*</code>", "", text)


@pytest.mark.parametrize("cell", HOSTILE)
def test_nothing_in_a_cell_is_live(published: Path, head: Path, cell: str) -> None:
    quoted = cell.replace('"', '""')
    edit(head / REGISTER, "Données ouvertes", f'"{quoted}"')
    edit(head / DESCRIPTOR, "form: long", f"form: long\n{json.dumps(cell)}: {json.dumps(cell)}")
    found = judged(published, head)
    assert found.datasets
    text = markdown(found)
    shown = outside_code(text)
    assert shown.count("<!--") == 1
    assert not re.search(r"<(?!!-- observatoire:revue -->|/?ins>)", shown)
    assert not re.search(r"@\w", shown)
    assert "https://exemple" not in shown and "](" not in shown
    for table in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", re.sub(r"`[^`\n]*`", "", line))) for line in table.splitlines()}
        assert len(widths) == 1
    page = html(found)
    body = page[page.index("<body>") :]
    assert "<script" not in body and "<!--" not in body
    assert re.findall(r"<a [^>]*>", body) == []


def test_the_review_fits_in_a_comment_and_counts_the_rest(published: Path, head: Path) -> None:
    lines = [f'p-{n},COM-75056,"{"données " * 60}",2011-01-27,-1500,,oui,en-cours,' for n in range(3000)]
    with (head / REGISTER).open("a", encoding="utf-8") as stream:
        stream.write("\n".join(lines) + "\n")
    found = judged(published, head)
    text = markdown(found)
    assert len(text) <= BOUND
    assert found.datasets[0].difference and len(found.datasets[0].difference.added) == 3000
    assert re.search(r"… et 2 9\d\d autres lignes ajoutées", text)
    assert len(html(found)) < 1_000_000


def test_many_problems_fit_too(published: Path, head: Path) -> None:
    with (head / FIBRE).open("a", encoding="utf-8") as stream:
        stream.writelines(f"DEP-{n % 90:02d},{'x' * 300}{n},20{n},{'9' * 300}\n" for n in range(2000))
    found = judged(published, head)
    assert len(found.problems) > 2000
    assert len(markdown(found)) <= BOUND
    assert "autres semblables" in markdown(found)


def test_too_many_files_are_refused_at_once(published: Path, head: Path) -> None:
    for number in range(401):
        (head / "datasets" / f"jeu_{number}.csv").write_text("a\n", encoding="utf-8")
    found = judged(published, head)
    assert not found.publishable
    assert found.refused == [("datasets/", "401 fichiers changent à la fois ; la limite est 400")]


def test_the_preview_is_the_build_of_the_contribution(published: Path, head: Path, tmp_path: Path) -> None:
    edit(head / FIBRE, "2022-Q3,61.5", "2022-Q3,99")
    (head / "observatory").mkdir()
    commit(head)
    build_preview(source(head, "main"), source(head, "contribution"), tmp_path / "preview.db")
    build(head, tmp_path / "built.db", lambda step, seconds: None)
    tables = "select ref_area, indicator, time_period, obs_value from observations order by 1, 2, 3"
    rows = []
    for name in ("preview.db", "built.db"):
        connection = sqlite3.connect(tmp_path / name)
        rows.append(connection.execute(tables).fetchall())
        connection.close()
    assert rows[0] == rows[1]


def test_code_quality_tells_each_problem_once(published: Path, head: Path) -> None:
    edit(head / FIBRE, "2022-Q3,61.5", "2022-Q3,soixante")
    edit(head / FIBRE, "2022-Q2,58", "2022-Q2,cinquante")
    (head / "datasets" / "x.py").write_text("", encoding="utf-8")
    found = json.loads(codequality(judged(published, head)))
    assert [(entry["location"]["path"], entry["location"]["lines"]["begin"]) for entry in found] == [
        (FIBRE, 2),
        (FIBRE, 3),
        ("datasets/x.py", 1),
    ]
    assert {entry["severity"] for entry in found} == {"blocker"}
    assert len({entry["fingerprint"] for entry in found}) == 3


def test_sarif_holds_the_corrections_of_the_contributed_files(published: Path, head: Path) -> None:
    edit(head / FIBRE, "2022-Q3,61.5", '2022-Q3,"61,5"')
    (run,) = json.loads(FORMATS["sarif"](judged(published, head), None))["runs"]
    (result,) = run["results"]
    (change,) = result["fixes"][0]["artifactChanges"]
    (replacement,) = change["replacements"]
    assert change["artifactLocation"]["uri"] == FIBRE
    assert replacement["insertedContent"] == {"text": "61.5"}
    line = (head / FIBRE).read_text(encoding="utf-8").split("\n")[replacement["deletedRegion"]["startLine"] - 1]
    columns = replacement["deletedRegion"]["startColumn"] - 1, replacement["deletedRegion"]["endColumn"] - 1
    assert line[slice(*columns)] == '"61,5"'


@pytest.mark.parametrize(("derived", "words"), [(1, "1 est calculé à"), (2, "2 sont calculés à")])
def test_figures_that_are_derived_agree_in_number(derived: int, words: str) -> None:
    values = [ValueChange(f"DEP-0{n}", "x", "i", "I", "2022", 1.0, 2.0, n < derived) for n in range(3)]
    dataset = DatasetReview("x", CHANGED, "X", [], None)
    text = markdown(Review("main", "essai", datasets=[dataset], effect=Effect(values, [], [])))
    assert f" ; {words} partir de territoires plus petits." in text


def command(*words: str) -> subprocess.CompletedProcess[str]:
    script = [sys.executable, str(ROOT / "scripts" / "review.py"), *words]
    return subprocess.run(script, capture_output=True, text=True, check=False)


def test_the_command(published: Path, head: Path, tmp_path: Path) -> None:
    edit(head / FIBRE, "2022-Q3,61.5", "2022-Q3,99")
    commit(head)
    options = ["--root", str(head), "--database", str(published / "donnees.db")]
    done = command("main", "contribution", *options, "--preview-url", "https://forge.example/1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(MARKER)
    assert "[Voir l’aperçu du portail avec cette contribution](<https://forge.example/1>)" in done.stdout
    folder = tmp_path / "revue"
    done = command("main", "contribution", *options, "--folder", str(folder))
    assert (done.returncode, done.stdout) == (0, "")
    assert {path.name for path in folder.iterdir()} == {*FILES, "donnees.db"}
    page = tmp_path / "page.html"
    done = command("main", "contribution", *options, "--format", "html", "--output", str(page))
    assert done.returncode == 0
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_command_says_no(published: Path, head: Path, tmp_path: Path) -> None:
    edit(head / FIBRE, "2022-Q3,61.5", "2022-Q3,soixante")
    commit(head)
    folder = tmp_path / "revue"
    done = command("main", "contribution", "--root", str(head), "--folder", str(folder))
    assert done.returncode == 1, done.stderr
    assert not (folder / "donnees.db").exists()
    for words in (["main"], ["main", "nulle-part"], ["main", "contribution", "--format", "pdf"], ["--inconnu"]):
        done = command(*words, "--root", str(head))
        assert done.returncode == 2
        assert done.stderr.startswith("Erreur : ")
        assert "Traceback" not in done.stderr
    assert "BASE TETE" in command("--help").stdout


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_every_format_writes_something(form: str) -> None:
    assert FORMATS[form](Review("base", "tête"), None).strip()
