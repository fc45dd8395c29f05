"""What a register refuses: keys, dates, links, names; and that all the faults of a cell are said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observatory.register_judges import Items, Links, Named, PartialDate, Siren, disordered, is_link, luhn

KNOWN = Named("le registre « Organisations »", {"aqua-capteurs": "Aqua Capteurs", "labo-hydro": "Laboratoire Hydro"})


@given(st.text("0123456789", min_size=8, max_size=8))
def test_one_key_only_completes_eight_digits_and_a_wrong_digit_is_seen(digits: str) -> None:
    right = [one for one in "0123456789" if luhn(digits + one)]
    assert len(right) == 1
    siren = digits + right[0]
    for place in range(9):
        for other in set("0123456789") - {siren[place]}:
            assert Siren()(siren[:place] + other + siren[place + 1 :]) is not None


@pytest.mark.parametrize("siren", ["73282932", "7328293200", "732 829 320", "73282932O"])
def test_siren_is_nine_digits(siren: str) -> None:
    fault = Siren()(siren)
    assert fault is not None and fault.code == "wrong-siren"


@pytest.mark.parametrize("date", ["2017", "2017-04", "2017-04-18", "2024-02-29", ""])
def test_a_year_a_month_or_a_day_is_a_date(date: str) -> None:
    assert PartialDate()(date) is None


@pytest.mark.parametrize("date", ["2017-13", "2023-02-29", "18/04/2017", "avril 2017", "17", "2017-4"])
def test_anything_else_is_not(date: str) -> None:
    fault = PartialDate()(date)
    assert fault is not None and fault.code == "wrong-date"


DATES = st.dates().map(lambda day: day.isoformat()).flatmap(lambda text: st.sampled_from([text[:4], text[:7], text]))


@given(DATES, DATES)
def test_dates_are_disordered_one_way_at_most(first: str, second: str) -> None:
    there, back = disordered([("a", first), ("b", second)]), disordered([("a", second), ("b", first)])
    assert not (there and back)
    assert not disordered([("a", first), ("b", first[:4])]) and not disordered([("a", first[:7]), ("b", first)])


def test_empty_dates_say_nothing_of_the_others() -> None:
    assert disordered([("a", "2017"), ("b", ""), ("c", "2016-05")]) == [("a", "c")]


@pytest.mark.parametrize(
    "link",
    [
        *(
            "www.example.org",
            "ftp://example.org",
            "javascript:alert(1)",
            "https://",
            "https://localhost/x",
            "file:///etc",
        ),
        *("https://a@b/", "https://exam ple.org", "http://[::1", "https://a.fr:99999/"),
    ],
)
def test_what_is_no_address_of_the_web_is_refused(link: str) -> None:
    fault = Links()(link)
    assert not is_link(link) and fault is not None and fault.code == "not-a-link"


def test_mail_in_a_link_is_refused_as_personal_and_never_repeated() -> None:
    fault = Links()("mailto:jean.dupont@example.org")
    assert fault is not None and fault.code == "personal-data" and "dupont" not in str(fault.details)


def test_every_fault_of_a_cell_is_said_and_a_correction_leaves_the_others() -> None:
    judge = Items(KNOWN)
    faults = judge.faults("Aqua Capteurs|labo-hydro|rien|rien")
    assert [fault.code for fault in faults] == ["unknown-thing", "unknown-thing", "unknown-thing", "repeated-item"]
    assert faults[0].details["correction"] == "aqua-capteurs|labo-hydro|rien|rien"
    assert judge("aqua-capteurs|labo-hydro") is None and judge.holds("labo-hydro") and judge.holds("")


def test_spaces_around_what_is_listed_are_mended_at_once() -> None:
    fault = Items(KNOWN)("aqua-capteurs | labo-hydro")
    assert fault is not None and fault.details["correction"] == "aqua-capteurs|labo-hydro"


def test_unknown_name_is_guessed_by_its_identifier_or_its_title() -> None:
    for raw, meant in (("aqua-capteur", "aqua-capteurs"), ("Laboratoire Hydros", "labo-hydro")):
        fault = KNOWN(raw)
        assert fault is not None and f"« {meant} »" in fault.details["suggestion"]
    nothing = KNOWN("zzzz")
    assert nothing is not None and "Choix possibles : aqua-capteurs, labo-hydro." in nothing.details["suggestion"]
