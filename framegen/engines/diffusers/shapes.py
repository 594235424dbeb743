"""The true layer sizes of every family: what a checkpoint without a configuration file is loaded into, and what is
timed with random weights.

Sources: the ``config.json`` of the repositories named in :mod:`recipes`.
"""

from __future__ import annotations

from typing import Any

SD15: dict[str, Any] = {
    "sample_size": 64,
    "layers_per_block": 2,
    "block_out_channels": (320, 640, 1280, 1280),
    "down_block_types": ("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
    "up_block_types": ("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
    "cross_attention_dim": 768,
    "attention_head_dim": 8,
}
SD21 = {**SD15, "cross_attention_dim": 1024, "attention_head_dim": (5, 10, 20, 20), "use_linear_projection": True}
SDXL: dict[str, Any] = {
    "sample_size": 128,
    "layers_per_block": 2,
    "block_out_channels": (320, 640, 1280),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "transformer_layers_per_block": (1, 2, 10),
    "attention_head_dim": (5, 10, 20),
    "cross_attention_dim": 2048,
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}
SDXS: dict[str, Any] = {
    **SD15,
    "layers_per_block": 1,
    "block_out_channels": (320, 640, 1280),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "mid_block_type": None,
}
_SANA: dict[str, Any] = {
    "in_channels": 32,
    "out_channels": 32,
    "caption_channels": 2304,
    "mlp_ratio": 2.5,
    "attention_bias": False,
    "sample_size": 32,
    "patch_size": 1,
    "norm_elementwise_affine": False,
    "norm_eps": 1e-6,
    "qk_norm": "rms_norm_across_heads",
    "guidance_embeds": True,
    "attention_head_dim": 32,
}
SANA06 = {
    **_SANA,
    "num_attention_heads": 36,
    "num_layers": 28,
    "num_cross_attention_heads": 16,
    "cross_attention_head_dim": 72,
    "cross_attention_dim": 1152,
}
SANA16 = {
    **_SANA,
    "num_attention_heads": 70,
    "num_layers": 20,
    "num_cross_attention_heads": 20,
    "cross_attention_head_dim": 112,
    "cross_attention_dim": 2240,
}
BODIES: dict[str, dict[str, Any]] = {
    "sd15": SD15,
    "sd15-lcm": {**SD15, "time_cond_proj_dim": 256},
    "sd21": SD21,
    "sdxl": SDXL,
    "sdxs": SDXS,
    "sana06": SANA06,
    "sana16": SANA16,
}
KL: dict[str, Any] = {
    "block_out_channels": (128, 256, 512, 512),
    "layers_per_block": 2,
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "sample_size": 512,
    "scaling_factor": 0.18215,
}
DC: dict[str, Any] = {
    "in_channels": 3,
    "latent_channels": 32,
    "attention_head_dim": 32,
    "encoder_block_types": ("ResBlock",) * 3 + ("EfficientViTBlock",) * 3,
    "decoder_block_types": ("ResBlock",) * 3 + ("EfficientViTBlock",) * 3,
    "encoder_block_out_channels": (128, 256, 512, 512, 1024, 1024),
    "decoder_block_out_channels": (128, 256, 512, 512, 1024, 1024),
    "encoder_layers_per_block": (2, 2, 2, 3, 3, 3),
    "decoder_layers_per_block": (3, 3, 3, 3, 3, 3),
    "encoder_qkv_multiscales": ((), (), (), (5,), (5,), (5,)),
    "decoder_qkv_multiscales": ((), (), (), (5,), (5,), (5,)),
    "upsample_block_type": "interpolate",
    "downsample_block_type": "conv",
    "decoder_norm_types": "rms_norm",
    "decoder_act_fns": "silu",
    "scaling_factor": 0.41407,
}
TEXT: dict[str, tuple[int, int]] = {
    "sd15": (77, 768),
    "sd15-lcm": (77, 768),
    "sd21": (77, 1024),
    "sdxl": (77, 2048),
    "sdxs": (77, 768),
    "sana06": (300, 2304),
    "sana16": (300, 2304),
}
"""Tokens and width of the text encoder's states."""
POOLED = 1280
"""Width of SDXL's pooled text state."""
GFLOP: dict[str, tuple[float, float]] = {
    "sd15": (804, 1069),
    "sd15-lcm": (804, 1069),
    "sd21": (804, 1069),
    "sdxl": (1589, 2064),
    "sdxs": (369, 475),
    "sana06": (316, 400),
    "sana16": (837, 1059),
    "kl": (3632, 4619),
    "tiny": (263, 334),
    "dc": (3387, 4446),
    "sd15 control": (283, 379),
    "sd15-lcm control": (283, 379),
    "sd21 control": (284, 379),
    "sdxl control": (712, 927),
}
"""Operations of a denoiser, of an autoencoder there and back, and of a ControlNet of the denoiser's own size, at
512x512 and at 768x432 (SANA: 768x448), in 1e9."""
