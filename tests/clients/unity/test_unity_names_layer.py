"""What the engine layer draws of things that only have names: a camera's tags between stand-ins of Unity."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import mono_program
import pytest

VERSIONS = {"2022.3": (), "Unity 6.4": ("UNITY_6000_0_OR_NEWER", "UNITY_6000_4_OR_NEWER")}


@pytest.fixture(scope="module", params=VERSIONS)
def facts(request: pytest.FixtureRequest, mcs: str, mono: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What ``names/`` says."""
    target = tmp_path_factory.mktemp("names") / "names.exe"
    here, package = mono_program.HERE, mono_program.PACKAGE
    files = mono_program.sources(package / "Core", package / "Runtime", here / "stubs", here / "names")
    files.append(here / "csharp" / "Json.cs")
    command = [
        mcs,
        "-langversion:7.2",
        "-target:exe",
        f"-out:{target}",
        *(f"-d:{name}" for name in VERSIONS[request.param]),
    ]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    done = subprocess.run([mono, str(target)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_each_part_has_the_label_of_its_material_object_mesh_and_parent(facts: Any) -> None:
    assert facts["parts"] == [
        "brick, house of House_01.0",
        "glass, house of House_01.1",
        "house of House_01.2",
        "skin, villager of Hero.0",
    ]
    assert not facts["masks"], "names say nothing of how a thing is to be treated"
    assert facts["names"] == [
        "car of Body.0",
        "wood of Cube.0",
        "light, street light, pole of StreetLight(Clone).0",
        "wall of Plain.0",
        "tree of Tree.0",
    ]


def test_particles_and_what_says_nothing_or_is_not_seen_have_none(facts: Any) -> None:
    assert facts["nothing"] == []
    assert not facts["nothing_any"]
    assert facts["seen"] == ["car of Car.0"]


def test_a_tag_wins_and_is_drawn_last(facts: Any) -> None:
    assert facts["tagged"] == ["wood, fence of Fence.0", "castle of Wall.0 masked"]
    assert facts["tagged_masks"]
    assert facts["tagged_both"] == ["castle of Wall.0 masked", "iron of Fence.0"]
    assert facts["tagged_no_more_soon"] == ["wood, fence of Fence.0"]
    assert facts["tagged_no_more"] == ["wood, fence of Fence.0", "brick, wall of Wall.0"]
    assert facts["adopted_first"] == facts["adopted"] == ["brick of Glass.0"], "spawned deep below a tag"
    assert facts["adopted_table"] == {"1": "brick"}


def test_switched_off_nothing_is_looked_for(facts: Any) -> None:
    assert (facts["off_any"], facts["off_finds"], facts["off_table"]) == (False, 0, {})
    assert facts["on"] == facts["on_again"] == ["car paint, car of Car.0"]
    assert not facts["off_again_any"]
    assert facts["off_again"] == []


def test_what_comes_later_is_found_and_what_goes_is_forgotten(facts: Any) -> None:
    assert facts["later_first"] == facts["later_soon"] == facts["later_unsent"] == ["car of Car.0"]
    assert facts["later_finds"] == 0, "no search with every frame"
    assert facts["later"] == ["car of Car.0", "tree of Tree.0"]
    assert facts["later_table"] == {"1": "car", "2": "tree"}
    assert facts["scenes_before"] == []
    assert facts["scenes_loaded"] == ["car of Car.0"]
    assert "tree of Tree.0" in facts["scenes_unloaded"]
    assert facts["gone"] == []
    assert not facts["gone_any_later"]
    assert facts["listeners"] == 0, "nothing hears of scenes after the end"


def test_names_leave_numbers_for_tags_and_no_garbage(facts: Any) -> None:
    assert facts["most"] == facts["most_drawn"] == 200
    assert facts["most_tag"] == "throne"
    assert facts["most_next_level"] == ["roof of Roof.0", "throne of B.0"]
    assert facts["most_next_table"] == {"1": "throne", "2": "roof"}, "the next level's labels have numbers again"
    assert facts["steady_collections"] == 0
    assert facts["steady_table"]
