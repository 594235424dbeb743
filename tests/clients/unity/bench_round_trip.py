"""Measures the C# client under Mono beside pyzmq, in one run, against one bare ROUTER that answers every frame at once.

``python tests/clients/unity/bench_round_trip.py``, with nothing else running. Prints, for frames of 512x288 rgb8
(442 kB), the round trip of each, their ratio, and what a frame costs the thread that offers it and takes its result.
"""

from __future__ import annotations

import json
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent)]

import mono_program  # noqa: E402
import msgpack  # noqa: E402
import zmq  # noqa: E402
from answering_router import free_address  # noqa: E402

FRAMES, WARMUP = 600, 100
WIDTH, HEIGHT = 512, 288
ROUNDS = 3


def pyzmq_round_trips_ms(address: str) -> list[float]:
    """The same frames through a pyzmq DEALER, without copies."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    socket = context.socket(zmq.DEALER)
    socket.linger = 0
    socket.connect(address)
    socket.send(msgpack.packb({"type": "hello", "protocols": ["1.0"]}))
    socket.recv_multipart()
    pixels, times = bytes(WIDTH * HEIGHT * 3), []
    camera = {"view_from_world": [0.5] * 16, "clip_from_view": [0.5] * 16, "near_m": 0.1, "far_m": 100.0}
    plane = {"color": {"format": "rgb8", "codec": "raw", "part": 1, "offset": 0, "length": len(pixels)}}
    for frame_id in range(WARMUP + FRAMES):
        before = time.perf_counter_ns()
        header = {"type": "frame", "frame_id": frame_id, "timestamp_ns": before, "width": WIDTH, "height": HEIGHT}
        socket.send_multipart([msgpack.packb({**header, "camera": camera, "planes": plane}), pixels], copy=False)
        parts = socket.recv_multipart(copy=False)
        msgpack.unpackb(parts[0].buffer)
        times.append((time.perf_counter_ns() - before) / 1e6)
    context.destroy(linger=0)
    return times[WARMUP:]


def main() -> None:
    tools = {name: shutil.which(name) for name in ("mcs", "mono")}
    if None in tools.values():
        raise SystemExit("This needs mcs and mono: run .ci/tools")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "bench.exe"
        folders = [mono_program.PACKAGE / "Core", mono_program.PACKAGE / "Tests" / "Core", mono_program.HERE / "csharp"]
        mono_program.compile_csharp(str(tools["mcs"]), program, mono_program.sources(*folders))
        address = free_address()
        script = Path(__file__).with_name("answering_router.py")
        router = subprocess.Popen([sys.executable, str(script), address.rsplit(":", 1)[1]])
        try:
            measure(str(tools["mono"]), program, address)
        finally:
            router.kill()
            router.wait()


def measure(mono: str, program: Path, address: str) -> None:
    """Takes turns, so that whatever else the machine does meets both."""
    own, pyzmq, main_thread, collections = [], [], [], 0
    for _ in range(ROUNDS):
        pyzmq.append(statistics.median(pyzmq_round_trips_ms(address)))
        words = [mono, str(program), "steady", address, str(FRAMES), str(WIDTH), str(HEIGHT), "sleep"]
        facts = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
        own.append(facts["round_trip_ms"]["p50"])
        main_thread.append(facts["main_thread_ms"])
        collections += facts["collections"]
    print(f"machine: {platform.platform()}, {platform.processor() or platform.machine()}")
    print(f"round trip of a 442 kB frame, median of {FRAMES}, {ROUNDS} rounds in turn:")
    print(f"  C# client under Mono  {[f'{value:.3f}' for value in own]} ms")
    print(f"  pyzmq                 {[f'{value:.3f}' for value in pyzmq]} ms")
    print(f"  ratio of medians      {statistics.median(own) / statistics.median(pyzmq):.2f}")
    middle, late = (statistics.median(row[key] for row in main_thread) for key in ("p50", "p95"))
    print(
        f"main thread per frame: median {middle:.4f} ms, 95 % below {late:.4f} ms; garbage collections: {collections}"
    )


if __name__ == "__main__":
    main()
