"""``framegen demo``: a low-poly town, rendered by Panda3D as an ordinary client, restyled live.

The scene, engine-independent (NumPy):
    materials, mesh        surfaces and polygons
    facade, houses, roofs, church, props, figures
                           what the town is made of
    plan, town, life       where it stands, and what moves
    paths, scene           the camera's way; clusters and what can be seen
    level, flight          a level of the user's own, and a way through it
The engine:
    panda, shaders         one pass gives colour, depth, motion, labels
    sources                town, level or recording: anything that yields frames
    engine                 the client's process
The demo:
    app, options, status   the command
    processes, link        server and engine beside it
    film                   the same as a video
"""
