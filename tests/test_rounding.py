"""Printed parts add up to the printed total."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observatory.rounding import adding_up

PARTS = st.lists(st.floats(-200, 200, allow_nan=False), min_size=1, max_size=12)


@given(PARTS, st.integers(0, 4))
def test_parts_add_up_as_printed_and_none_moves_by_a_unit(parts: list[float], decimals: int) -> None:
    total = sum(parts)
    rounded = adding_up(parts, total, decimals)
    unit = 10**decimals
    assert sum(round(part * unit) for part in rounded) == (
        round(float(f"{total:.{decimals}f}") * unit) if any(parts) else 0
    )
    assert all(abs(a - b) * unit <= 1 + 1e-6 for a, b in zip(parts, rounded, strict=True))


@pytest.mark.parametrize(
    "parts, total, expected",
    [
        ([], 0, []),
        ([0.0, 0.0], 0, [0, 0]),
        ([1 / 3, 1 / 3, 1 / 3], 1, [0.34, 0.33, 0.33]),
        ([6.040159, 0.0, 0.0], 6.05, [6.05, 0, 0]),
        ([-0.333, 0.0, -0.333], -0.67, [-0.33, 0.0, -0.34]),
    ],
)
def test_zero_stays_zero_and_the_largest_remainder_goes_up(
    parts: list[float], total: float, expected: list[float]
) -> None:
    assert sorted(adding_up(parts, total)) == sorted(expected)
