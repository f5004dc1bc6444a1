"""Many arrays judged at once: what is wrong in one of them is seen, and said of that one."""

from __future__ import annotations

from typing import Any

import pytest

from oracle.dropins.of_torch import judged_grads

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.usefixtures("little_evidence", "unnamed_mistakes")


class Affine(torch.autograd.Function):  # type: ignore[misc]
    """x·w + b, with a gradient of w that is off in its last entry by `off`."""

    off = 0.0

    @staticmethod
    def forward(ctx: Any, x: Any, w: Any, b: Any) -> Any:
        ctx.save_for_backward(x, w)
        return x * w + b

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        x, w = ctx.saved_tensors
        dw = g * x
        dw[-1] = dw[-1] * (1 + Affine.off)
        return g * w, dw, g.clone()


def given() -> tuple[Any, ...]:
    return tuple(
        torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in ([0.5, -1.0], [2.0, 0.25], [1.0, -0.5])
    )


def test_all_right_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Affine, "off", 0.0)
    monkeypatch.setattr("oracle.dropins.of_torch.judged_products", None)  # nothing is left to ask
    report = judged_grads(Affine.apply, given(), "backward")
    assert report
    assert report.name.endswith("by x, w, b")
    assert report.certified


@pytest.mark.parametrize("off", [1.0, 1e-6])
def test_one_wrong_entry_of_one_array(monkeypatch: pytest.MonkeyPatch, off: float) -> None:
    monkeypatch.setattr(Affine, "off", off)
    report = judged_grads(Affine.apply, given(), "backward")
    assert report.verdict == "wrong"
    assert report.name.endswith("by w")
    assert report.component == (1,)
