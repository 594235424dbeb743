"""The command line: help, errors, exit codes, and that a command loads nothing but itself."""

from __future__ import annotations

import argparse
import importlib
import signal
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest
import zmq

from framegen import __version__, cli, install
from framegen.errors import ConfigError, FramegenError
from framegen.server import command
from framegen.server.options import DEFAULT_ENDPOINT, Endpoint

NAMES = [row.name for row in cli.COMMANDS]


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], int]], None]:
    """A function that makes ``framegen doctor`` do something else."""

    def replace(action: Callable[[], int]) -> None:
        module = types.ModuleType("framegen_stand_in")
        module.add_arguments = lambda parser: parser.add_argument("--number", type=int)  # type: ignore[attr-defined]
        module.run = lambda _args: action()  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "framegen.doctor", module)
        import framegen

        monkeypatch.setattr(framegen, "doctor", module, raising=False)

    return replace


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself_with_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([name, "--help"]) == 0
    said = capsys.readouterr().out
    assert f"usage: framegen {name}" in said
    assert f"examples:\n  framegen {name}" in said


def test_without_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == cli.USAGE
    said = capsys.readouterr().out
    assert all(name in said for name in NAMES)
    assert cli.main(["--help"]) == 0
    capsys.readouterr()
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"framegen {__version__}\n"


def test_an_unknown_command_suggests_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["serv"]) == cli.USAGE
    assert "Did you mean 'serve'?" in capsys.readouterr().err


def test_wrong_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["serve", "--max-sessions", "many"]) == cli.USAGE
    assert "--max-sessions" in capsys.readouterr().err
    assert cli.main(["demo", "--second", "3", "--nonsense"]) == cli.USAGE
    said = capsys.readouterr().err
    assert said.startswith("usage: framegen demo") and "unrecognized arguments: --nonsense" in said
    assert cli.main(["--nonsense"]) == cli.USAGE
    assert "--nonsense" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("demo --size foo", "--size: 'foo' is no size. Write WIDTHxHEIGHT, such as 512x288."),
        ("demo --size 9999x9999", "--size: 9999x9999 is out of range. From 64x64 to 3840x2160."),
        ("demo --fps 0", "--fps: a number from 1 to 240 is expected, not '0'"),
        ("demo --fps fast", "--fps: a number is expected, not 'fast'"),
        ("demo --seconds -1", "--seconds: a number more than 0 is expected, not '-1'"),
        ("demo --seconds inf", "--seconds: a number more than 0"),
        (f"demo --prompt {'x' * 3000}", "--prompt: prompt has 3000 characters"),
        ("demo --port 70000", "--port: a port is"),
        ("serve --viewer x", "--viewer: a port is"),
        ("serve --bind foo", "--bind/--endpoint: 'foo' is no address to listen at. Write tcp://127.0.0.1:5555."),
        ("serve --bind-plain tcp://127.0.0.1:99999", "--bind-plain: "),
        ("serve --bind-curve 1", "--bind-curve: "),
        ("serve --max-sessions 0", "--max-sessions: a whole number of 1 or more is expected, not '0'"),
        ("serve --gpus 1.5", "--gpus: a whole number is expected, not '1.5'"),
        ("serve --model embeded", "--model: Unknown model 'embeded'. Did you mean 'embedded'?"),
        ("restyle a.png -o b.png --intensity 2", "--intensity: intensity must be a number from 0 to 1, not 2.0."),
        ("restyle a.png -o b.png --strength much", "--strength: a number is expected, not 'much'"),
        ("restyle a.png -o b.png --seed -1", "--seed: seed must be a whole number from 0 to 4294967295, not -1."),
        ("restyle a.png -o b.png --model x", "--model: Unknown model 'x'."),
        ("restyle a.png -o b.png --fov 200", "--fov: a number from 1 to 170 is expected, not '200'"),
        ("restyle a.png -o b.png --depth-encoding feet", "--depth-encoding: 'feet' is not a depth encoding. Use"),
        ("record a.mcap --seconds 0", "--seconds: a number more than 0"),
        ("record a.mcap --listen tcp://0.0.0.0:1", "--listen: 'tcp://0.0.0.0:1' would be open to other machines"),
        ("record a.mcap --endpoint x", "--endpoint: an address such as tcp://127.0.0.1:5555 is expected, not 'x'"),
        ("replay --pace slow", "--pace: 'slow' is no pace. Use own, fast or frames per second, such as 60."),
        ("replay --seconds x", "--seconds: a number is expected"),
        ("replay --endpoint tcp://127.0.0.1", "--endpoint: an address"),
        ("bench --scenario 640x360", "--scenario: There is no scenario '640x360'."),
        ("bench overload --minutes 0", "--minutes: a number more than 0"),
        ("bench --seconds -1", "--seconds: a number of 0 or more is expected, not '-1'"),
        ("bench --model x", "--model: Unknown model 'x'."),
        ("bench gpu --models x", "--models: There is no diffusion model 'x'."),
        ("bench gpu --sizes 10", "--sizes: '10' is no size. Write --sizes"),
        ("models --download x", "--download: Unknown model 'x'."),
        ("train --data . --out . --save-minutes nan", "--save-minutes: a number of 0 or more"),
        ("train --data . --out . --rate x", "--rate: a number is expected, not 'x'"),
        ("evaluate --data . --model x", "--model: Unknown model 'x'."),
    ],
)  # fmt: skip
def test_values_that_make_no_sense_are_wrong_usage_and_say_what_is_expected(
    words: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words.split()) == cli.USAGE
    said = capsys.readouterr().err
    command = words.split(maxsplit=1)[0]
    assert said.startswith(f"usage: framegen {command}")
    assert f"framegen {command}: error: argument {expected}" in said


@pytest.mark.parametrize(
    "words",
    [
        "serve --bind tcp://0.0.0.0:5555",
        "serve --token short",
        "serve --bind-curve tcp://127.0.0.1:5556",
        "serve --gpus 2",
        "bench --minutes 1",
        "bench --seconds 0",
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(command.TOKEN_VARIABLE, raising=False)
    assert cli.main(words.split()) == cli.USAGE
    assert capsys.readouterr().err.startswith("framegen: ")


def test_what_a_command_returns_is_the_exit_code(stand_in: Callable[[Callable[[], int]], None]) -> None:
    for code in (0, 1):
        stand_in(lambda code=code: code)  # type: ignore[misc]
        assert cli.main(["doctor"]) == code


def test_errors_are_two_clear_lines_unless_debugging(
    stand_in: Callable[[Callable[[], int]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> int:
        raise ConfigError("The sky is green.", hint="Paint it blue.")

    stand_in(fail)
    assert cli.main(["doctor"]) == cli.FAILED
    assert capsys.readouterr().err == "framegen: The sky is green.\n          Paint it blue.\n"
    assert cli.main(["--debug", "doctor"]) == cli.FAILED
    assert "Traceback" in capsys.readouterr().err


def test_a_bug_is_called_a_bug(
    stand_in: Callable[[Callable[[], int]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> int:
        raise KeyError("oops")

    stand_in(fail)
    assert cli.main(["doctor"]) == cli.FAILED
    said = capsys.readouterr().err
    assert "KeyError: 'oops'" in said and "--debug" in said and "Traceback" not in said
    with pytest.raises(KeyError):
        cli.main(["doctor", "--debug"])


def test_an_interrupt(stand_in: Callable[[Callable[[], int]], None], capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> int:
        raise KeyboardInterrupt

    stand_in(interrupt)
    assert cli.main(["doctor"]) == cli.INTERRUPTED
    assert "Interrupted" in capsys.readouterr().err


@pytest.mark.parametrize("name", [name for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)])
def test_who_is_told_to_end_cleans_up(name: str, stand_in: Callable[[Callable[[], int]], None]) -> None:
    number = getattr(signal, name)
    cleaned: list[str] = []

    def work() -> int:
        try:
            signal.raise_signal(number)
            return 0
        finally:
            cleaned.append(name)

    stand_in(work)
    before = signal.getsignal(number)
    try:
        signal.signal(number, signal.SIG_DFL)
        assert cli.main(["doctor"]) == cli.INTERRUPTED
        assert cleaned == [name] and signal.getsignal(number) is signal.SIG_DFL
        signal.signal(number, signal.SIG_IGN)  # as nohup does
        assert cli.main(["doctor"]) == 0
    finally:
        signal.signal(number, before)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def missing(name: str) -> types.ModuleType:
        raise ModuleNotFoundError("No module named 'panda3d'", name="panda3d.core")

    monkeypatch.setattr(importlib, "import_module", missing)
    assert cli.main(["demo"]) == cli.FAILED
    assert install.command_for("demo") in capsys.readouterr().err


@pytest.mark.parametrize("name", ["train", "evaluate"])
def test_help_needs_no_extra_and_running_names_it(name: str, root: Path) -> None:
    words = [name, "--data", ".", *(["--out", "x"] if name == "train" else [])]
    code = (
        "import sys\nsys.modules['torch'] = None\nfrom framegen import install\nfrom framegen.cli import main\n"
        f"print(main([{name!r}, '--help']), main({words}))\n"
        "print(install.command_for('train'), file=sys.stderr)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=120, cwd=root
    )
    assert f"usage: framegen {name}" in run.stdout and run.stdout.endswith(f"\n0 {cli.FAILED}\n")
    said, command = run.stderr.strip().rsplit("\n", 1)
    assert "needs torch" in said and said.endswith(command)


def test_bench_shows_each_of_its_cases(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "--help"]) == 0
    said = capsys.readouterr().out
    assert all(f"  framegen bench {case}" in said for case in ("overload", "temporal", "sweep", "gpu"))


def test_one_command_loads_no_other(root: Path) -> None:
    code = (
        "import sys\nfrom framegen.cli import main\nmain(['models', '--help'])\n"
        "print(*(name for name in sys.modules if name.startswith('framegen.')), file=sys.stderr)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60, cwd=root
    )
    assert run.returncode == 0, run.stderr
    loaded = set(run.stderr.split())
    assert "framegen.models_table" in loaded
    assert not loaded & {"framegen.server", "framegen.demo", "framegen.video", "framegen.bench", "framegen.client"}


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize(
    ("words", "endpoints"),
    [
        ([], [Endpoint(DEFAULT_ENDPOINT, "null")]),
        (["--token", "a long token"], [Endpoint(DEFAULT_ENDPOINT, "plain")]),
        (["--bind", "tcp://0.0.0.0:1", "--token", "a long token"], [Endpoint("tcp://0.0.0.0:1", "plain")]),
        (
            ["--bind", DEFAULT_ENDPOINT, "--bind-plain", "tcp://0.0.0.0:1", "--token", "a long token"],
            [Endpoint(DEFAULT_ENDPOINT, "null"), Endpoint("tcp://0.0.0.0:1", "plain")],
        ),
        (["--bind-plain", "tcp://0.0.0.0:1", "--token", "a long token"], [Endpoint("tcp://0.0.0.0:1", "plain")]),
    ],
)
def test_which_addresses_ask_for_the_token(
    words: list[str], endpoints: list[Endpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(command.TOKEN_VARIABLE, raising=False)
    assert command.options_of(options(*words)).endpoints == tuple(endpoints)


def test_a_public_address_without_a_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(command.TOKEN_VARIABLE, raising=False)
    with pytest.raises(FramegenError, match="Refusing"):
        command.options_of(options("--bind", "tcp://0.0.0.0:5555"))


def test_where_the_token_comes_from(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from the file\n")
    monkeypatch.setenv(command.TOKEN_VARIABLE, "from the environment")
    assert command.options_of(options()).token == "from the environment"
    assert command.options_of(options("--token-file", str(file))).token == "from the file"
    assert command.options_of(options("--token-file", str(file), "--token", "from here")).token == "from here"


def test_curve_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(command.TOKEN_VARIABLE, raising=False)
    clients = tmp_path / "clients"
    public = zmq.curve_keypair()[0].decode()
    clients.write_text(public)
    words = ["--bind-curve", "tcp://0.0.0.0:1", "--curve-secret-key", str(tmp_path / "key"), "--curve-clients"]
    made = command.options_of(options(*words, str(clients)))
    assert made.endpoints == (Endpoint("tcp://0.0.0.0:1", "curve"),)
    assert made.curve_clients == {public} and (tmp_path / "key").exists()
