"""Fused loops, compiled by numba at first use and kept on disk: what NumPy and OpenCV would take many passes for.

Each kernel has its meaning in plain NumPy elsewhere in :mod:`framegen.ops`; tests hold them together. Kernels let go
of Python's lock and take C-contiguous arrays of one dtype each, so that one compiled form serves every frame.
"""
