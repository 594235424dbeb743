"""A recorded session, sent again by an ordinary client while the prompt changes. Needs a server: framegen serve

    python demos/04_replay.py [ADDRESS] [RECORDING.mcap]

``framegen replay`` is the full tool; this is its heart: read frames, send them, count what comes back.
"""

import sys
import time
from dataclasses import replace

from framegen import Client, plain_errors
from framegen.recording.reader import RecordingReader
from framegen.resources import shipped

PROMPTS = ("noon", "golden hour", "night rain", "winter, deep snow")
FPS = 30

with (
    plain_errors(),
    RecordingReader(sys.argv[2] if len(sys.argv) > 2 else shipped("town.mcap")) as recording,
    Client(*sys.argv[1:2]) as client,
):
    for prompt in PROMPTS:
        client.set(prompt=prompt, wait=True)
        for frame in recording.frames():
            # Numbered anew, and a cut where the recording begins again: history must not reach across it.
            number = client.frame(frame.color).frame_id
            follows = frame.motion_px is not None and not frame.reset
            client.send(
                replace(
                    frame,
                    frame_id=number,
                    timestamp_ns=time.perf_counter_ns(),
                    motion_from_frame_id=number - 1 if follows else None,
                )
            )
            time.sleep(1 / FPS)
        stats = client.stats
        print(
            f"{prompt:20} {stats.answered:4} of {stats.sent:4} answered, {stats.fps:5.1f} fps, "
            f"p50 {stats.latency_ms_p50:.0f} ms"
        )
