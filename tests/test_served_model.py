"""``framegen serve`` with the embedded model, in a process of its own: killed, started again, not startable."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from stand_in_server import until

from framegen import Client
from framegen.errors import ConnectionLost, FramegenError, NoPicture
from framegen.frame import Frame


class ServerProcess:
    """``framegen serve`` with the embedded model, in a process of its own."""

    def __init__(self, port: int, *options: str) -> None:
        self.address = f"tcp://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "framegen", "serve", "--bind", self.address, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )

    def __enter__(self) -> ServerProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


def town(frame_id: int, width: int = 512, height: int = 288) -> Frame:
    """A picture with edges and a depth ramp, which moves by two pixels a frame."""
    x, y = np.meshgrid(np.arange(width) + 2 * frame_id, np.arange(height))
    walls = ((x // 40 + y // 30) % 2 * 90 + 60).astype(np.uint8)
    color = np.dstack([walls, walls // 2 + 40, 200 - walls // 2])
    depth_m = np.broadcast_to(np.linspace(60, 3, height, dtype=np.float32)[:, None], (height, width)).copy()
    motion_px = np.zeros((height, width, 2), np.float16)
    motion_px[..., 0] = 2.0
    return Frame(frame_id, color, 1000 * frame_id, depth_m=depth_m, motion_px=motion_px)


def test_the_embedded_model_through_kill_and_restart(free_port: Callable[[], int]) -> None:
    port = free_port()
    lost: list[tuple[int, ...]] = []
    errors: list[FramegenError] = []
    with ServerProcess(port) as first:
        client = Client(
            first.address, on_lost=lambda ids, _cause: lost.append(ids), on_error=errors.append, name="survivor"
        )
        client.wait_connected(60)
        client.set(prompt="night rain", wait=True)
        result = client.restyle(town(1), timeout_s=60)
        assert result.image.shape == (288, 512, 3) and result.model == "embedded"
        change = np.abs(result.image.astype(int) - town(1).color).mean()
        assert change > 8, "restyled, not passed through"
        assert result.stages_ms["model"] > 0
        first.process.kill()
        first.process.wait()
        until(lambda: not client.connected)
        assert lost, "the end of the session is told"
        assert "is it still running" in client.no_server().hint
        client.send(town(2))
        client.set(intensity=0.9)
    with ServerProcess(port) as second:
        client.wait_connected(60)
        until(lambda: client.stats.in_flight == 0)
        odd = client.restyle(town(3, 333, 201), timeout_s=60)
        assert odd.image.shape == (201, 333, 3)
        assert odd.settings_revision == 2, "hello with the prompt, then the update that was not answered yet"
        stats = client.stats
        assert stats.sent == stats.answered + stats.superseded + stats.lost and stats.reconnects == 1
        assert not errors
        second.process.send_signal(signal.CTRL_BREAK_EVENT if os.name == "nt" else signal.SIGTERM)
        out, err = second.process.communicate(timeout=60)
        assert second.process.returncode == 0
        assert "embedded" in out and "licence" in out and "this machine only, open" in out
        assert "survivor" in err
    until(lambda: not client.connected)
    with pytest.raises((ConnectionLost, NoPicture)):
        client.restyle(town(4), timeout_s=0.1)
    client.close()


def test_a_server_that_cannot_start_says_why(free_port: Callable[[], int]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with ServerProcess(taken.getsockname()[1]) as server:
            out, err = server.process.communicate(timeout=60)
    assert server.process.returncode == 1
    assert "in use" in err and "--bind" in err and "Traceback" not in err + out
