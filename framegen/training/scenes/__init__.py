"""The project's own generator of training pairs: a game's low-fidelity frame beside path-traced pictures of it.

``python -m framegen.training.scenes --out DIR --seeds A:B`` renders with Blender's Cycles (``pip install bpy``, in an
environment of its own). Modules that hold the word *blender* in their docstring's first line need ``bpy``; the others
(texture bank, synthesis, conditions, index, sheets) need NumPy and OpenCV alone. See ``docs/scenes.md``.
"""
