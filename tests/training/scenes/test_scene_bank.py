"""The texture bank: seamless, reproducible, fully licensed, and one with the product's labels."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from framegen.ops.layout import LABELS
from framegen.training.scenes import bank
from framegen.training.scenes.labels import code_of
from framegen.training.scenes.leafcards import SPECIES, leaf_card

SOME = ("red brick", "rough plaster", "pantiles across", "new asphalt", "canvas", "clay pavers", "concrete slabs")


def test_every_field_belongs_to_a_material_of_the_product() -> None:
    for field in bank.FIELDS.values():
        assert field.label in LABELS, field.name
        assert 0.2 <= field.tile_m <= 12.0, field.name


def test_things_the_product_has_no_word_for_are_unknown() -> None:
    assert code_of("brick") == LABELS.index("brick")
    assert code_of("a word of no table") == 0


def test_the_licence_list_is_complete() -> None:
    listed = (bank.TEXTURES / "LICENSES.md").read_text()
    files = {path.name for path in bank.TEXTURES.glob("*.webp")}
    for name in files:
        line = next((text for text in listed.splitlines() if name in text), "")
        assert line.rstrip(" |").endswith(("public domain", "MIT (Expat)")), name
    used = {field.source for field in bank.PHOTOGRAPHS} | set(bank.PICTURES) | set(bank.RUGS)
    assert used == files


def test_photographs_say_the_licence_that_the_list_says() -> None:
    listed = (bank.TEXTURES / "LICENSES.md").read_text().splitlines()
    for field in bank.PHOTOGRAPHS:
        line = next(text for text in listed if f"| {field.source} |" in text)
        assert line.rstrip(" |").endswith(field.licence.split(",")[0])


@pytest.mark.parametrize("name", SOME)
def test_synthesised_fields_tile_without_a_seam(name: str) -> None:
    picture = bank.texture(name).albedo.astype(np.float64).mean(-1)
    inside = np.abs(np.diff(picture, axis=1)).mean(), np.abs(np.diff(picture, axis=0)).mean()
    seams = np.abs(picture[:, 0] - picture[:, -1]).mean(), np.abs(picture[0] - picture[-1]).mean()
    # a joint may lie on the seam itself, where neighbours differ more than on average; a cut texture differs anywhere
    worst = np.abs(np.diff(picture, axis=1)).mean(0).max(), np.abs(np.diff(picture, axis=0)).mean(1).max()
    for seam, mean, most in zip(seams, inside, worst, strict=True):
        assert seam <= max(1.6 * mean, 1.05 * most)


def test_a_field_is_the_same_texels_each_time() -> None:
    first = bank.drawn("new asphalt")
    assert np.array_equal(bank.drawn("new asphalt").albedo, first.albedo)


def test_drawn_fields_are_kept_between_scenes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAMEGEN_CACHE", str(tmp_path))
    bank._cache_folder.cache_clear()
    bank.texture.cache_clear()
    fresh = bank.texture("canvas")
    bank.texture.cache_clear()
    kept = bank.texture("canvas")
    (file,) = tmp_path.rglob("canvas.npz")
    file.write_bytes(b"broken")
    bank.texture.cache_clear()
    again = bank.texture("canvas")
    for other in (kept, again):
        assert np.array_equal(other.albedo, fresh.albedo)
        assert np.array_equal(other.height, fresh.height)
    bank._cache_folder.cache_clear()


def test_turned_roofs_are_the_same_pattern_turned() -> None:
    """Courses of a field run along its rows, those of its "across" twin along its columns."""

    def along_rows(name: str) -> float:
        picture = bank.texture(name).albedo.astype(np.float64).mean(-1)
        return float(picture.mean(1).std() / picture.mean(0).std())

    for name in ("slates", "flat tiles"):
        assert along_rows(name) > 1.2
        assert along_rows(f"{name} across") < 0.8


@pytest.mark.parametrize("species", sorted(SPECIES))
def test_leaf_cards_are_cut_out(species: str) -> None:
    card = leaf_card(species)
    cover = card[..., 3] > 0.5
    assert 0.08 < cover.mean() < 0.8
    assert not cover[0].any() and not cover[:, 0].any() and not cover[:, -1].any()
    assert 0.25 < card[..., 0][cover].mean() < 0.9


def test_the_generators_environment_needs_no_more_than_numpy_and_opencv() -> None:
    """Blender's environment has neither numba nor torch: what the scenes take from the product must do without."""
    code = "import sys; sys.modules.update(numba=None, torch=None, zmq=None, openvino=None); import framegen.ops.clouds"
    code += "; import framegen.ops.layout, framegen.training.scenes.bank, framegen.training.scenes.agreement"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
