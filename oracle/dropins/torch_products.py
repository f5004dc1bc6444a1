"""Products of torch's derivatives, backward and forward, of functions of the arrays in their arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from oracle.candidate.by_leaves import on_tensors
from oracle.candidate.inward import products_inside
from oracle.candidate.leaves import Arguments
from oracle.candidate.outputs import Outputs

Products = Callable[..., Any]


def backward(
    function: Callable[..., Any],
    arguments: Arguments,
    outputs: Outputs,
    kinds: Sequence[str] = (),
    *,
    alone: bool = False,
) -> Products:
    """(*leaves, cotangent) → a product for each leaf, None where torch gives none; kinds: of the domains of the leaves, which
    directions do not leave. alone: only one input needs a gradient at a time."""
    import torch

    def pulled(tensors: Sequence[Any], cotangent: Any, by: Sequence[int]) -> list[Any]:
        with torch.enable_grad():
            leaves = [
                _leaf(t, leaf.dtype, n in by) for n, (t, leaf) in enumerate(zip(tensors, arguments.leaves, strict=True))
            ]
            result = outputs.joined(function(*arguments.filled(leaves, narrow=True)), "func")
            if not result.requires_grad:
                return [None for _ in by]
            given = cotangent.reshape(result.shape).to(result.dtype)
            return list(torch.autograd.grad(result, [leaves[k] for k in by], given, allow_unused=True))

    def products(*arrays: Any) -> tuple[Any, ...]:
        *tensors, cotangent = arrays
        if alone:
            return tuple(pulled(tensors, cotangent, [k])[0] for k in range(len(tensors)))
        return tuple(pulled(tensors, cotangent, range(len(tensors))))

    return _named(products, function, arguments, kinds)


def backward_by_outputs(
    function: Callable[..., Any], arguments: Arguments, outputs: Outputs, kinds: Sequence[str] = ()
) -> Products:
    """The same, each output asked by itself and the products added: a backward may be handed None for the others
    (`set_materialize_grads(False)`)."""
    import torch

    def products(*arrays: Any) -> tuple[Any, ...]:
        *tensors, cotangent = arrays
        flat, start = cotangent.reshape(-1), 0
        total: list[Any] = [None for _ in tensors]
        for k in range(len(outputs.paths)):
            with torch.enable_grad():
                leaves = [_leaf(t, leaf.dtype, True) for t, leaf in zip(tensors, arguments.leaves, strict=True)]
                halves = outputs.halves(function(*arguments.filled(leaves, narrow=True)), "func")[k]
                own = torch.cat([torch.as_tensor(half).reshape(-1) for half in halves])
                given, start = flat[start : start + own.numel()], start + own.numel()
                if not own.requires_grad:
                    continue
                found = torch.autograd.grad(own, leaves, given.to(own.dtype), allow_unused=True)
            total = [g if t is None else t if g is None else t + g for t, g in zip(total, found, strict=True)]
        return tuple(total)

    return _named(products, function, arguments, kinds)


def first_derivative(
    function: Callable[..., Any], arguments: Arguments, outputs: Outputs, cotangent: Any
) -> Callable[..., Any]:
    """Tensors of the leaves → c·J of function, as one tensor that can be differentiated once more; zeros where torch gives none."""
    import torch

    def derivative(*leaves: Any) -> Any:
        with torch.enable_grad():
            result = outputs.joined(function(*arguments.filled(leaves, narrow=True)), "func")
            given = torch.from_numpy(cotangent).reshape(result.shape).to(result.dtype)
            found = (
                torch.autograd.grad(result, leaves, given, create_graph=True, allow_unused=True)
                if result.requires_grad
                else [None for _ in leaves]
            )
            return torch.cat(
                [(leaf * 0 if g is None else g).reshape(-1) for g, leaf in zip(found, leaves, strict=True)]
            )

    return derivative


def value_of(derivative: Callable[..., Any], arguments: Arguments) -> Callable[..., Any]:
    """The first derivative as a function of arrays."""

    def value(*tensors: Any) -> Any:
        pairs = zip(tensors, arguments.leaves, strict=True)
        return derivative(*(_leaf(t, leaf.dtype, True) for t, leaf in pairs)).detach()

    return _named(value, derivative, arguments)


def second(derivative: Callable[..., Any], arguments: Arguments) -> Products:
    """(*leaves, cotangent) → torch's derivative of the first derivative, for each leaf."""
    import torch

    def products(*arrays: Any) -> tuple[Any, ...]:
        *tensors, cotangent = arrays
        with torch.enable_grad():
            leaves = [_leaf(t, leaf.dtype, True) for t, leaf in zip(tensors, arguments.leaves, strict=True)]
            first = derivative(*leaves)
            if not first.requires_grad:
                return tuple(torch.zeros_like(leaf) for leaf in leaves)
            found = torch.autograd.grad(first, leaves, cotangent.reshape(-1).to(first.dtype), allow_unused=True)
        return tuple(torch.zeros_like(leaf) if g is None else g for g, leaf in zip(found, leaves, strict=True))

    return _named(products, derivative, arguments)


def forward(
    function: Callable[..., Any], arguments: Arguments, outputs: Outputs, kinds: Sequence[str] = ()
) -> Products:
    """The same by forward mode, one coordinate after the other."""
    import torch
    from torch.autograd import forward_ad

    def along(tensors: Sequence[Any], k: int, direction: Any) -> Any:
        with forward_ad.dual_level():
            moved = [forward_ad.make_dual(t, direction) if n == k else t for n, t in enumerate(tensors)]
            result = outputs.joined(function(*arguments.filled(moved, narrow=True)), "func")
            return forward_ad.unpack_dual(result).tangent

    def products(*arrays: Any) -> tuple[Any, ...]:
        *given, cotangent = arrays
        tensors = [_leaf(t, leaf.dtype, False) for t, leaf in zip(given, arguments.leaves, strict=True)]
        made = []
        for k, t in enumerate(tensors):
            entries = []
            for n in range(t.numel()):
                direction = torch.zeros_like(t)
                direction.view(-1)[n] = 1.0
                tangent = along(tensors, k, direction)
                entries.append(cotangent.sum() * 0 if tangent is None else (cotangent * tangent).sum())
            made.append(torch.stack(entries).reshape(t.shape).to(t.dtype))
        return tuple(made)

    return _named(products, function, arguments, kinds)


def _leaf(tensor: Any, dtype: str, moves: bool) -> Any:
    import torch

    return tensor.detach().to(getattr(torch, dtype), copy=True).requires_grad_(moves)


def _named(products: Any, function: Any, arguments: Arguments, kinds: Sequence[str] = ()) -> Products:
    products.__name__ = getattr(function, "__name__", "func")
    products.leaf_names = (*(leaf.name for leaf in arguments.leaves), "cotangent")
    return on_tensors(products_inside(products, kinds), arguments)


def names_of_rules(function: Callable[..., Any], arguments: Arguments, outputs: Outputs) -> set[str]:
    """What the code of `autograd.Function`s of a user's names, in what function does at the example."""
    import torch

    with torch.enable_grad():
        tensors = [
            _leaf(torch.from_numpy(a.copy()), leaf.dtype, True)
            for a, leaf in zip(arguments.examples(), arguments.leaves, strict=True)
        ]
        result = outputs.joined(function(*arguments.filled(tensors, narrow=True)))
    return set(_names(result.grad_fn))


def _names(start: Any) -> Iterator[str]:
    """What `autograd.Function`s in a graph name."""
    seen, waiting = set(), [start]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        waiting += [following for following, _ in node.next_functions]
        own = getattr(node, "_forward_cls", None)
        for method in ("forward", "setup_context", "backward"):
            yield from getattr(getattr(getattr(own, method, None), "__code__", None), "co_names", ())
