"""The final name holds a whole file or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from framegen.errors import MediaError
from framegen.unfinished import UnfinishedFile


class Note(UnfinishedFile):
    """A text, for which ``whole`` is written last."""

    def __init__(self, path: Path, overwrite: bool = True) -> None:
        super().__init__(path, path.with_name(path.name + ".part"), overwrite=overwrite)
        self._file = self.temporary.open("w")
        self._file.write("half ")

    def _finish(self) -> None:
        self._file.write("whole")
        self._file.close()

    def _let_go(self) -> None:
        self._file.close()
        raise OSError("the disk is full")


def test_a_block_that_ends_well_leaves_the_whole_file_alone(tmp_path: Path) -> None:
    with Note(tmp_path / "note.txt") as note:
        assert list(tmp_path.iterdir()) == [note.temporary]
    assert [path.read_text() for path in tmp_path.iterdir()] == ["half whole"]
    assert note.close() == note.path == tmp_path / "note.txt"
    note.abandon()
    assert note.path.exists()


def test_a_block_that_fails_leaves_nothing_and_an_older_file_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("older")
    with pytest.raises(KeyboardInterrupt), Note(tmp_path / "note.txt"):
        raise KeyboardInterrupt
    assert [path.read_text() for path in tmp_path.iterdir()] == ["older"]


def test_a_name_that_somebody_took_meanwhile_stays_theirs(tmp_path: Path) -> None:
    note = Note(tmp_path / "note.txt", overwrite=False)
    note.path.write_text("theirs")
    with pytest.raises(MediaError, match="meanwhile") as failed:
        note.close()
    assert str(note.temporary) in failed.value.hint and note.temporary.read_text() == "half whole"
    assert note.path.read_text() == "theirs"


def test_what_cannot_have_its_name_is_kept_and_its_place_is_said(tmp_path: Path) -> None:
    note = Note(tmp_path / "note.txt")
    note.path.mkdir()
    with pytest.raises(MediaError) as failed:
        note.close()
    assert str(note.temporary) in failed.value.hint and note.temporary.read_text() == "half whole"
