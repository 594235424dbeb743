"""Recorded footage in several looks, side by side with the original. Needs no server.

    python demos/02_restyle_footage.py [IN.mp4] [FOLDER]

Without arguments it takes the clip of the demo's town that comes with framegen.
"""

import sys
from pathlib import Path

from framegen.cli import main
from framegen.resources import shipped

LOOKS = {
    "golden-hour": "golden hour, low warm sun",
    "night-rain": "night, rain, wet streets",
    "winter": "winter morning, deep snow",
}

footage = sys.argv[1] if len(sys.argv) > 1 else str(shipped("town.mp4"))
folder = Path(sys.argv[2] if len(sys.argv) > 2 else ".")
for name, prompt in LOOKS.items():
    out = folder / f"{Path(footage).stem}-{name}.mp4"
    code = main(["restyle", footage, "-o", str(out), "--prompt", prompt, "--side-by-side", "--overwrite"])
    if code:
        sys.exit(code)
    print(f"{out}: {prompt}")
