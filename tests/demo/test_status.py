from __future__ import annotations

from framegen.demo.status import line

COUNTS = {"generated": 9, "reused": 0, "superseded": 0, "lost": 0}


def test_the_line_says_how_things_stand() -> None:
    url = "http://127.0.0.1:8080/"
    empty = {"fps": 0.0, "latency_ms": None, "counts": COUNTS}
    assert line("connecting", empty, "noon", url).startswith("… starting")
    assert "gone" in line("lost", empty, "noon", url)
    busy = {"fps": 29.97, "latency_ms": {"p50": 31.4, "p95": 38.6}, "counts": {**COUNTS, "superseded": 3}}
    text = line("live", busy, "noon", url)
    assert text == "30.0 fps   p50 31 ms  p95 39 ms   3 superseded   “noon”   http://127.0.0.1:8080/"
    assert "superseded" not in line("live", {**busy, "counts": COUNTS}, "noon", url)
