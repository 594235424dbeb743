"""The real server around a model that inverts colours, on a given port: ``serve_stand_in.py PORT [TOKEN]``."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[3]), str(Path(__file__).resolve().parents[2])]

from stand_in_server import serving  # noqa: E402

from framegen.server.options import Endpoint  # noqa: E402

if __name__ == "__main__":
    port, *token = sys.argv[1:]
    endpoint = Endpoint(f"tcp://127.0.0.1:{port}", "plain" if token else "null")
    with serving(endpoints=(endpoint,), token=token[0] if token else None):
        print("ready", flush=True)
        threading.Event().wait()
