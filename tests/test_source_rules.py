"""Rules of the imports, on small inputs: codes, numbers, periods, SIREN, points, bytes written."""

from pathlib import Path

import pytest

from observatory import sources_annuaire, sources_arcep, sources_barometre, sources_odater
from observatory.sources import commune_of, plain_number, write_csv


@pytest.mark.parametrize(("text", "number"), [("48.0", "48"), ("0.0", "0"), ("8.8", "8.8"), ("-3.50", "-3.5")])
def test_plain_number(text: str, number: str) -> None:
    assert plain_number(text) == number


@pytest.mark.parametrize(
    ("code", "commune"),
    [("75112", "75056"), ("13201", "13055"), ("69389", "69123"), ("69123", "69123"), ("2A004", "2A004")],
)
def test_municipal_arrondissements_belong_to_their_city(code: str, commune: str) -> None:
    assert commune_of(code) == commune


@pytest.mark.parametrize("code", ["69266", "13001", "13055", "75056"])
def test_only_arrondissements_change(code: str) -> None:
    assert commune_of(code) == code


@pytest.mark.parametrize(("granularity", "period"), [("year", "2022"), ("month", "2022-09"), ("quarter", "2022-Q3")])
def test_period_of_a_date(granularity: str, period: str) -> None:
    assert sources_barometre.period_of("2022-09-30", granularity) == period


@pytest.mark.parametrize(
    ("cell", "siren"),
    [("\u200e187609110", "187609110"), (306966110.0, "306966110"), ("213500010", "213500010")],
)
def test_clean_siren(cell: object, siren: str) -> None:
    assert sources_odater.clean_siren(cell) == siren


@pytest.mark.parametrize("cell", ["213500011", "21350001", 12.0, "", None])
def test_wrong_siren_is_refused(cell: object) -> None:
    with pytest.raises(ValueError, match="SIREN"):
        sources_odater.clean_siren(cell)


@pytest.mark.parametrize(
    ("cell", "area"), [("69", "DEP-69"), (9.0, "DEP-09"), ("2A", "DEP-2A"), (976.0, "DEP-976"), ("988", "")]
)
def test_departement_of(cell: object, area: str) -> None:
    assert sources_odater.departement_of(cell) == area


@pytest.mark.parametrize(("cell", "area"), [("ARA-84", "REG-84"), ("GF-03", "REG-03"), ("NC", "")])
def test_region_of(cell: str, area: str) -> None:
    assert sources_odater.region_of(cell) == area


@pytest.mark.parametrize("wkb", ["", "\\N", "0101000000000000000000F87F000000000000F87F"])
def test_no_point_gives_no_coordinates(wkb: str) -> None:
    assert sources_annuaire.point(wkb) == ("", "")


def test_point_of_a_town_hall() -> None:
    assert sources_annuaire.point("0101000000B9FDFF1F27AE1340D00B00206A134740") == ("46.151676", "4.920071")


def test_classes_that_do_not_add_up_are_refused(tmp_path: Path) -> None:
    header = "code_insee;nbr;" + ";".join(sources_arcep.CLASSES)
    (tmp_path / "a.csv").write_text(f"avertissement\n{header}\n01001;10;0;0;0;1;2;3;5\n", encoding="utf-8")
    with pytest.raises(ValueError, match="01001: 11 locaux par classe, 10 au total"):
        sources_arcep.eligibility(tmp_path / "a.csv")


def test_rows_are_written_sorted_with_the_same_bytes(tmp_path: Path) -> None:
    rows = [("b", "2"), ("a", "é,1")]
    assert write_csv(tmp_path / "one.csv", ("x", "y"), rows) == 2
    write_csv(tmp_path / "two.csv", ("x", "y"), reversed(rows))
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert (tmp_path / "one.csv").read_bytes() == 'x,y\na,"é,1"\nb,2\n'.encode()
