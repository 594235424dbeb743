"""How the embedded model is made: pairs -> cache -> training -> ONNX. See ``docs/model-card-embedded.md``."""
