"""How planes become bytes: ``raw`` (views, nothing copied) and ``jpeg`` (colour only).

A codec knows pixels and bytes; it knows nothing of headers, parts or sessions.
"""
