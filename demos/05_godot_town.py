"""A low-poly town in Godot, restyled while you walk through it.

``python demos/05_godot_town.py`` copies the addon into the sample project, starts a server where none listens, and
opens the game. Needs Godot 4.4 or newer: on the PATH as ``godot`` or ``godot4``, in ``$GODOT``, or from ``.ci/tools``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE / "godot_town"
ADDON = HERE.parent / "clients" / "godot" / "addons" / "framegen"
TOOLS = Path.home() / ".cache" / "framegen" / "tools" / "bin"
NO_GODOT = "No Godot was found. Install Godot 4.4 or newer, or name it in $GODOT; on Debian .ci/tools fetches one."
NO_SCREEN = (
    "The game needs a screen, and neither $DISPLAY nor $WAYLAND_DISPLAY names one. Run this on a desktop, or unseen: "
    "xvfb-run -a python demos/05_godot_town.py (apt-get install xvfb)."
)


def main() -> int:
    """Runs the demo; returns Godot's exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--prepare", action="store_true", help="only copy the addon, then open the project yourself")
    parser.add_argument("--editor", action="store_true", help="open the project in the editor")
    parser.add_argument("--port", type=int, default=5555, help="of the server on this machine (default: 5555)")
    parser.add_argument("arguments", nargs="*", help="for the game, after --: --look 3")
    options = parser.parse_args()
    godot = find_godot()
    if not options.prepare and (godot is None or not has_screen()):
        print(NO_GODOT if godot is None else NO_SCREEN, file=sys.stderr)
        return 1
    shutil.rmtree(PROJECT / "addons" / "framegen", ignore_errors=True)
    shutil.copytree(ADDON, PROJECT / "addons" / "framegen")
    if options.prepare or godot is None:
        print(f"Open {PROJECT} in Godot.")
        return 0
    server = None if listens(options.port) else start_server(options.port)
    try:
        subprocess.run([godot, "--headless", "--path", str(PROJECT), "--import"], check=True, capture_output=True)
        command = [godot, "--path", str(PROJECT), *(["--editor"] if options.editor else [])]
        return subprocess.call([*command, "--", "--address", f"tcp://127.0.0.1:{options.port}", *options.arguments])
    finally:
        if server is not None:
            server.terminate()
            server.wait()


def find_godot() -> str | None:
    """A Godot to run."""
    named = os.environ.get("GODOT")
    on_path = named or shutil.which("godot") or shutil.which("godot4")
    return on_path or (str(TOOLS / "godot") if (TOOLS / "godot").exists() else None)


def has_screen() -> bool:
    """Whether a window can be shown; Godot itself says so in a dozen errors."""
    return not sys.platform.startswith("linux") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))


def listens(port: int) -> bool:
    """Whether somebody listens at a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def start_server(port: int) -> subprocess.Popen[bytes]:
    """A framegen server of this Python."""
    command = [sys.executable, "-m", "framegen", "serve", "--bind", f"tcp://127.0.0.1:{port}"]
    # the game has no token to enter with
    return subprocess.Popen(command, env={k: v for k, v in os.environ.items() if k != "FRAMEGEN_TOKEN"})


if __name__ == "__main__":
    sys.exit(main())
