"""Programs that fail say so in a line or two."""

from __future__ import annotations

import pytest

from framegen import plain_errors
from framegen.errors import ConnectionLost
from framegen.interrupts import INTERRUPTED
from framegen.plainly import FAILED


def test_an_error_is_a_line_a_hint_and_an_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, plain_errors():
        raise ConnectionLost("Nobody is there.", hint="Knock.")
    assert ended.value.code == FAILED
    assert capsys.readouterr().err == "framegen: Nobody is there.\n          Knock.\n"


def test_ctrl_c_ends_quietly_and_a_bug_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, plain_errors():
        raise KeyboardInterrupt
    assert ended.value.code == INTERRUPTED
    with pytest.raises(ZeroDivisionError), plain_errors():
        raise ZeroDivisionError
    assert capsys.readouterr().err == ""
