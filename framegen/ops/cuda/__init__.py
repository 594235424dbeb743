"""CUDA kernels: written once in ``shaders/cuda``, compiled by NVRTC, launched through cuda-python.

Compiling needs no GPU; :mod:`launch` does. Nothing here imports cuda-python before it is used.
"""
