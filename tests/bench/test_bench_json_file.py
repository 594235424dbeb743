"""What the bench writes is JSON to any reader."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framegen.bench.json_file import as_json

FIGURES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def strict(text: str) -> object:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_what_is_not_finite_is_null_and_keeps_its_key() -> None:
    figures = {"ratio": math.nan, "rows": [{"ms": math.inf}, {"ms": 2.5}], "pair": (np.float64("-inf"), 1)}
    assert strict(as_json(figures)) == {"ratio": None, "rows": [{"ms": None}, {"ms": 2.5}], "pair": [None, 1]}


@given(FIGURES)
def test_any_figures_are_json(figures: object) -> None:
    strict(as_json(figures))


def test_what_is_no_figure_is_an_error() -> None:
    with pytest.raises(TypeError):
        as_json({"when": object()})
