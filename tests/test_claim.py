"""One writer a file, and what a crash left is nobody's to overwrite."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from framegen.claim import Taken, claim


def test_a_file_that_is_being_written_is_taken_until_it_is_closed(tmp_path: Path) -> None:
    file, path = claim(tmp_path / "a.part")
    file.write(b"first")
    for _ in range(2):
        with pytest.raises(Taken):
            claim(tmp_path / "a.part")
    file.close()
    assert path.read_bytes() == b"first"
    path.unlink()
    claim(tmp_path / "a.part")[0].close()


def test_what_a_crash_left_is_kept(tmp_path: Path, root: Path) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom framegen.claim import claim\n"
        "file, _ = claim(Path(sys.argv[1]))\nfile.write(b'left')\nfile.flush()\nos._exit(9)"
    )
    environment = {**os.environ, "PYTHONPATH": str(root)}
    wanted = tmp_path / "a.mcap.part"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code, wanted], check=False, timeout=60, env=environment)
    file, path = claim(wanted)
    file.close()
    assert path == tmp_path / "a.mcap.3.part"
    assert [(tmp_path / name).read_bytes() for name in ("a.mcap.part", "a.mcap.2.part")] == [b"left", b"left"]


def test_a_place_that_is_none_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        claim(tmp_path / "gone" / "a.part")
