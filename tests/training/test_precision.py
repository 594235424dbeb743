"""bfloat16 is for processors that are quick in it."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")

from framegen.training.embedded.precision import autocast  # noqa: E402


@pytest.mark.parametrize(
    ("capability", "dtype"), [("AVX2", "float32"), ("AVX512", "bfloat16"), ("DEFAULT", "bfloat16")]
)
def test_networks_compute_in_what_the_processor_is_quick_in(
    capability: str, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    with autocast(torch.device("cpu")):
        assert torch.nn.Linear(2, 2)(torch.ones(1, 2)).dtype == getattr(torch, dtype)
