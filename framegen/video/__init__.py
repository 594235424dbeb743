"""Recorded footage in, restyled footage out (``framegen restyle``).

``source`` and ``sink`` read and write video, ``colour`` knows what pixels mean, ``bars`` finds
letterboxing, ``mask`` says what stays, ``depth`` and ``exr`` read depth, ``track`` finds the
camera's path by it, ``footage`` restyles a video, ``stills`` a picture, ``sheet`` lays out many,
``command`` is the command line.
"""
