"""The table of models."""

from __future__ import annotations

import pytest

from framegen.engines.specs import SPECS, load_engine, spec
from framegen.errors import UnknownModel


def test_the_shipped_model_is_there() -> None:
    row = spec("embedded")
    assert row.licence == "Apache-2.0"
    assert row.default_size[0] % row.size_multiple == 0 == row.default_size[1] % row.size_multiple


def test_names_are_unique() -> None:
    names = [row.name for row in SPECS]
    assert len(names) == len(set(names))


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(UnknownModel, match="embedded"):
        load_engine("embeded")
