"""scikit-learn's MLPClassifier and MLPRegressor: the pass that their `fit` runs, with the loss that it reports.

Samples are rows, W is (in, out), and all hidden layers have one activation. δ is what the pass keeps as `deltas`. The method is
private, and no public one gives a gradient. Its alpha is λ times the sum of the samples' weights.
"""

from typing import Any, cast

import sklearn
from sklearn.neural_network import MLPClassifier, MLPRegressor

from oracle.backends.backend import Backend, Capabilities
from oracle.vectors.record import Answer, Question

ACTIVATIONS = {"identity": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}
#: head: (estimator, its output, its loss)
HEADS = {
    "identity+quadratic": (MLPRegressor, "identity", "squared_error"),
    "sigmoid+cross_entropy": (MLPClassifier, "logistic", "log_loss"),
    "softmax+categorical_cross_entropy": (MLPClassifier, "softmax", "log_loss"),
}


def backend() -> Backend:
    kept = Capabilities(
        heads=frozenset(f"{name}{form}" for name in HEADS for form in ("", ":fused")),
        activations=frozenset({*ACTIVATIONS, "softmax"}),
        samples="rows",
        weights="in_out",
        same_hidden=True,
        sample_weights=True,
        l2=True,
    )
    return Backend("sklearn", run, kept, version=f"scikit-learn {sklearn.__version__}")


def run(question: Question) -> Answer:
    kind, output, loss = HEADS[question.head.removesuffix(":fused")]
    hidden = question.hidden[0] if question.hidden else "identity"
    mlp = kind(
        hidden_layer_sizes=question.sizes[1:-1], activation=ACTIVATIONS[hidden], alpha=question.l2 * question.samples
    )
    mlp.loss, mlp.out_activation_, mlp.n_layers_ = loss, output, len(question.sizes)
    mlp.coefs_, mlp.intercepts_ = list(question.weights), list(question.biases)
    L = len(question.weights)
    a: list[Any] = [question.x, *([None] * L)]
    deltas, nabla_w, nabla_b = ([cast(Any, None)] * L for _ in range(3))
    weights = question.sample_weights
    cost, nabla_w, nabla_b = mlp._backprop(question.x, question.expected, weights, a, deltas, nabla_w, nabla_b)
    return Answer(tuple(nabla_w), tuple(nabla_b), question.x.dtype.type(cost), tuple(a[1:]), tuple(deltas))
