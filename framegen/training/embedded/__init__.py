"""How the embedded model is made: pairs -> cache -> training -> ONNX. See ``docs/model-card-embedded.md``."""

import os

# threads of torch that wait do so by asking again and again: beside other work on all cores, judging pictures would
# take ten times as long
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
