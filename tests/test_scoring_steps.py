"""Cases that a statistician can add to: one step of the engine, what goes in, what comes out or what is refused."""

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from observatory.scoring_shape import Limits
from observatory.scoring_tree import ScoringError

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted((Path(__file__).parent / "cases" / "scoring_steps").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
ARRAYS = {"values", "column", "denominators", "scale", "directions", "references", "low", "high", "panel", "times"}


def given(name: str, content: Any) -> Any:
    if name == "members":
        return np.array(content, dtype=np.bool_)
    if name == "limits":
        return Limits(*content)
    return np.array(content, dtype=np.float64) if name in ARRAYS else content


@pytest.mark.parametrize("case", CASES)
def test_case(case: dict[str, Any]) -> None:
    module, function = case["step"].split(".")
    step = getattr(importlib.import_module(f"observatory.{module}"), function)
    inputs = {name: given(name, content) for name, content in case["input"].items()}
    kept = {name: content.copy() for name, content in inputs.items() if name in ARRAYS}
    if "error" in case:
        with pytest.raises(ScoringError) as refused:
            step(**inputs)
        assert case["error"] in str(refused.value)
    else:
        expected = np.array(case["output"], dtype=float)
        np.testing.assert_allclose(np.array(step(**inputs), dtype=float), expected, rtol=1e-12, atol=1e-14)
    for name, content in kept.items():
        np.testing.assert_array_equal(inputs[name], content, err_msg=f"{name} was written over")
