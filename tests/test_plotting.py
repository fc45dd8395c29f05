"""The chart of a table opens on what its rows have to show; numbers of tables are French; what is small is ringed."""

from urllib.parse import parse_qsl

import pytest
from datasette.app import Datasette
from sites import build_site, portal

from observatory import maps, maps_grid, plotting, serving


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> Datasette:
    datasette = portal(build_site(tmp_path_factory.mktemp("plotting") / "site"))
    await datasette.invoke_startup()
    return datasette


def rows(*cells: dict[str, object]) -> list[list[dict[str, object]]]:
    return [[{"column": name, "raw": raw, "value": raw} for name, raw in row.items()] for row in cells]


def test_values_over_time_are_a_line_and_a_colour_for_each_series() -> None:
    found = rows(
        {"indicator": "a", "time_period": "2022-Q1", "obs_value": 1.0},
        {"indicator": "b", "time_period": "2022-Q2", "obs_value": 2.0},
    )
    assert dict(parse_qsl(plotting.start(found))) == {
        "g.mark": "line", "g.x_column": "time_period", "g.x_type": "ordinal",
        "g.y_column": "obs_value", "g.y_type": "quantitative", "g.color_column": "indicator",
    }  # fmt: skip


def test_a_single_period_is_bars_by_territory_named_by_their_labels() -> None:
    found = rows(
        {"ref_area": "DEP-01", "time_period": "2022", "score": 1},
        {"ref_area": "DEP-02", "time_period": "2022", "score": 2},
    )
    for row in found:
        row[0]["value"] = f"<a>Ain</a>&nbsp;<em>{row[0]['raw']}</em>"
    chosen = dict(parse_qsl(plotting.start(found, labelled=True)))
    assert (chosen["g.mark"], chosen["g.x_column"], chosen["g.y_column"]) == ("bar", "ref_area.label", "score")


def test_rows_without_figures_or_alone_have_no_chart() -> None:
    assert plotting.start(rows({"code": "a"}, {"code": "b"})) == ""
    assert plotting.start(rows({"time_period": "2022", "obs_value": 1})) == plotting.start([]) == ""


def test_a_small_shape_is_ringed_and_a_large_one_outlined_over_its_halo() -> None:
    assert maps_grid.box("M10 20l5 0 0 8z") == (10, 20, 15, 28)
    assert 'class="ring" cx="12" cy="24"' in maps.outlined("M10 20l5 0 0 8z")
    large = maps.outlined("M0 0l200 0 0 90z")
    assert "<circle" not in large and large.index("halo") < large.index("mine")


@pytest.mark.parametrize("path", ["/comparer?", "/recherche.json", "/classements/*poids."])
def test_endless_addresses_are_kept_out_in_both_languages(path: str) -> None:
    lines = serving.robots("x").splitlines()
    assert f"Disallow: {path}" in lines and f"Disallow: /en{path}" in lines
    assert not any("integrer" in line for line in lines)


async def test_a_table_says_its_chart_its_numbers_and_its_files_in_words(site: Datasette) -> None:
    page = (await site.client.get("/donnees/observations?_graphique=1&_size=20")).text
    assert 'data-chart="g.mark=' in page
    scores = (await site.client.get("/donnees/scores?score__notblank=1&_size=5")).text
    assert "Excel (XLSX)" in scores and "CSV pour tableur" in scores and "TABLEUR" not in scores
    assert '<data value="' in scores and 'data-label="Territoire"' in scores
