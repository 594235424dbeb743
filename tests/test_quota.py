"""Limits of control groups, read from folders as the kernel shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from framegen import doctor, machine, quota
from framegen.quota import Quota

GIB = 1 << 30


class Tree:
    """A ``/proc/self`` and mounted control groups under a folder."""

    def __init__(self, folder: Path) -> None:
        self.process, self.mounted = folder / "proc", folder / "cgroup"
        self.process.mkdir()

    def member(self, *lines: str) -> None:
        (self.process / "cgroup").write_text("".join(f"{line}\n" for line in lines))

    def mount(self, *rows: tuple[str, str, str, str]) -> None:
        """Rows of (root, folder, type, options)."""
        text = "21 1 8:1 / / rw - ext4 /dev/sda rw\n"
        for root, folder, kind, options in rows:
            text += f"31 23 0:28 {root} {self.mounted / folder} rw,relatime shared:9 - {kind} {kind} {options}\n"
        (self.process / "mountinfo").write_text(text)

    def write(self, path: str, text: str) -> None:
        file = self.mounted / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n")


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_a_container_of_version_2(tree: Tree) -> None:
    tree.member("0::/")
    tree.mount(("/", "", "cgroup2", "rw,nsdelegate"))
    tree.write("cpu.max", "150000 100000")
    tree.write("memory.max", str(2 * GIB))
    assert quota.read(tree.process) == Quota(1.5, 2 * GIB)


def test_a_group_above_may_be_the_narrower(tree: Tree) -> None:
    tree.member("0::/slice/service")
    tree.mount(("/", "", "cgroup2", "rw"))
    tree.write("slice/cpu.max", "200000 100000")
    tree.write("slice/service/cpu.max", "max 100000")
    tree.write("slice/memory.max", str(4 * GIB))
    tree.write("slice/service/memory.max", str(3 * GIB))
    assert quota.read(tree.process) == Quota(2.0, 3 * GIB)


def test_a_container_of_version_1_sees_its_group_as_the_top(tree: Tree) -> None:
    tree.member("4:memory:/docker/abc", "2:cpu,cpuacct:/docker/abc", "1:name=systemd:/docker/abc", "0::/")
    tree.mount(
        ("/docker/abc", "cpu,cpuacct", "cgroup", "rw,cpu,cpuacct"),
        ("/docker/abc", "memory", "cgroup", "rw,memory"),
        ("/", "unified", "cgroup2", "rw"),
    )
    tree.write("cpu,cpuacct/cpu.cfs_quota_us", "400000")
    tree.write("cpu,cpuacct/cpu.cfs_period_us", "100000")
    tree.write("memory/memory.limit_in_bytes", str(GIB))
    assert quota.read(tree.process) == Quota(4.0, GIB)


@pytest.mark.parametrize(("cpu", "memory"), [("max 100000", "max"), ("", ""), ("0 0", "much"), ("-1 100000", "-1")])
def test_no_limit_and_nonsense_limit_nothing(tree: Tree, cpu: str, memory: str) -> None:
    tree.member("0::/", "odd")
    tree.mount(("/", "", "cgroup2", "rw"))
    tree.write("cpu.max", cpu)
    tree.write("memory.max", memory)
    assert quota.read(tree.process) == Quota()


def test_a_system_without_groups_limits_nothing(tmp_path: Path) -> None:
    assert quota.read(tmp_path / "proc") == Quota()


def test_the_machine_is_what_the_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "read", lambda: Quota(1.5, GIB))
    here = machine.describe()
    assert (here.cores, here.memory_gib) == (1, 1.0)
    assert "1 core for this process, 1.0 GiB of memory" in doctor.processor(here).text
    monkeypatch.setattr(quota, "read", lambda: Quota(1e6, 1 << 62))
    assert machine.usable_cores() >= here.cores and 0.5 < machine.describe().memory_gib < 10_000
