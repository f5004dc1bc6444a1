"""Descent: its limits are what they claim to be, and a wrong update does not pass for one."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

import manualbp
from manualbp import descent
from manualbp.descent import batch, delta_rule, descend, single_sample, step, stochastic

M = 23  # prime: no mini-batch size divides it but 1 and itself
HEADS = ("softmax+categorical_cross_entropy:fused", "sigmoid+quadratic", "sigmoid+cross_entropy:fused")


def problem(sizes=(6, 5, 4), head=HEADS[0], dtype=np.float64, m=M):
    rng = np.random.default_rng(7)
    net = manualbp.init(sizes, hidden=manualbp.TANH, head=manualbp.HEADS[head], rng=rng, dtype=dtype)
    x = rng.standard_normal((sizes[0], m)).astype(dtype)
    expected = np.eye(sizes[-1], dtype=dtype)[:, rng.integers(sizes[-1], size=m)]
    return net, x, expected


def parameters(net):
    return [*net.weights, *net.biases]


def identical(one, other):
    return all(
        p.dtype == q.dtype and np.array_equal(p, q) for p, q in zip(parameters(one), parameters(other), strict=True)
    )


def distance(one, other):
    """The largest difference of a parameter, in units of the rounding of the largest parameter."""
    eps = np.finfo(one.weights[0].dtype).eps
    size = max(abs(p).max() for p in parameters(one))
    pairs = zip(parameters(one), parameters(other), strict=True)
    return max(abs(p - q).max() for p, q in pairs) / (eps * size)


def by_hand(net, x, expected, eta):
    """The update written with loops over the samples, from gradients of one sample each: nothing of `descent` in it."""
    m = x.shape[1]
    each = [manualbp.gradients(net, x[:, r : r + 1], expected[:, r : r + 1]) for r in range(m)]
    layers = range(len(net.weights))
    weights = tuple(net.weights[i] - eta / m * sum(g.nabla_w[i] for g in each) for i in layers)
    biases = tuple(net.biases[i] - eta / m * sum(g.nabla_b[i] for g in each) for i in layers)
    return replace(net, weights=weights, biases=biases)


# one step


def test_a_step_moves_against_the_gradient_and_leaves_its_arguments_alone():
    net, x, expected = problem()
    g = manualbp.gradients(net, x, expected)
    before = [p.copy() for p in [*parameters(net), *g.nabla_w, *g.nabla_b]]
    after = step(net, g, 0.25)
    assert all(map(np.array_equal, before, [*parameters(net), *g.nabla_w, *g.nabla_b]))
    for p, q, nabla in zip(parameters(net), parameters(after), [*g.nabla_w, *g.nabla_b], strict=True):
        assert np.array_equal(q, p - 0.25 * nabla)
        assert not np.shares_memory(p, q)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("eta", [1, np.float64(0.5), np.float32(0.5), 2**-30])
def test_a_step_keeps_the_dtype_whatever_the_type_of_eta(dtype, eta):
    net, x, expected = problem(dtype=dtype)
    after = step(net, manualbp.gradients(net, x, expected), eta)
    assert {p.dtype for p in parameters(after)} == {np.dtype(dtype)}


def test_a_step_lowers_the_cost_by_eta_times_the_squared_gradient():
    net, x, expected = problem()
    g = manualbp.gradients(net, x, expected)
    squared = sum((nabla**2).sum() for nabla in [*g.nabla_w, *g.nabla_b])
    eta = 1e-5
    lowered = g.cost - manualbp.gradients(step(net, g, eta), x, expected).cost
    assert lowered == pytest.approx(eta * squared, rel=1e-3)  # to first order in eta; a factor 2 misses by far


def test_gradients_of_another_shape_or_dtype_are_refused_instead_of_broadcast():
    net, x, expected = problem()
    g = manualbp.gradients(net, x, expected)
    flat = replace(g, nabla_b=tuple(b[:, 0] for b in g.nabla_b))
    with pytest.raises(ValueError, match=r"g\.nabla_b is .*give the gradients of this network"):
        step(net, flat, 0.1)
    with pytest.raises(ValueError, match=r"g\.nabla_w is .*float32"):
        step(net, replace(g, nabla_w=tuple(w.astype(np.float32) for w in g.nabla_w)), 0.1)
    with pytest.raises(ValueError, match=r"g\.nabla_w"):
        step(net, replace(g, nabla_w=g.nabla_w[1:]), 0.1)


def test_an_overflowing_step_is_an_error_and_no_warning():
    net, x, expected = problem()
    g = manualbp.gradients(net, x, expected)
    steep = replace(g, nabla_w=tuple(w * 1e3 for w in g.nabla_w))
    with pytest.raises(FloatingPointError, match=r"eta = 1e\+308 has made a weight infinite or NaN: give a smaller"):
        step(net, steep, 1e308)


# the delta rule


@pytest.mark.parametrize("head", HEADS)
def test_the_delta_rule_is_the_step_of_a_net_without_hidden_layers(head):
    net, x, expected = problem((6, 4), head)
    stepped = step(net, manualbp.gradients(net, x, expected), 0.3)
    assert distance(delta_rule(net, x, expected, eta=0.3), stepped) <= 4


def test_the_delta_rule_by_hand():
    """w = (1, 2), b = 0, x = (3, 4), E = 10, quadratic cost, identity: z = 11, δ = 1, Δw = −η (3, 4), Δb = −η."""
    head = manualbp.chained(manualbp.IDENTITY, manualbp.QUADRATIC)
    net = manualbp.from_parameters([np.array([[1.0, 2.0]])], [np.zeros((1, 1))], [], head)
    after = delta_rule(net, np.array([[3.0], [4.0]]), np.array([[10.0]]), eta=0.5)
    assert after.weights[0].tolist() == [[-0.5, 0.0]]
    assert after.biases[0].tolist() == [[-0.5]]


def test_the_delta_rule_refuses_hidden_layers():
    with pytest.raises(ValueError, match=r"net has 1 hidden layer\(s\).*input and output layer only"):
        delta_rule(*problem(), eta=0.1)


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([[1.0]] * 6, None),
        (np.ones((M, 6)), None),
        (np.ones((5, M)), None),
        (np.ones((6, 0)), None),
        (np.ones((6, M), np.float32), None),
        (np.where(np.arange(6 * M).reshape(6, M) == 7, np.nan, 1.0), None),
        (None, [[1.0]] * 4),
        (None, np.ones((M, 4))),
        (None, np.ones((4, M - 1))),
        (None, np.ones((4, M), int)),
        (None, np.where(np.arange(4 * M).reshape(4, M) == 5, np.inf, 1.0)),
        (None, np.where(np.arange(4 * M).reshape(4, M) == 5, -1.0, 1.0)),  # outside the domain of the cross-entropy
    ],
)
def test_the_delta_rule_refuses_what_gradients_refuses_in_the_same_words(x, expected):
    net, good_x, good_expected = problem((6, 4), "sigmoid+cross_entropy")
    x, expected = good_x if x is None else x, good_expected if expected is None else expected
    with pytest.raises((TypeError, ValueError)) as by_gradients:
        manualbp.gradients(net, x, expected)
    with pytest.raises((TypeError, ValueError)) as by_rule:
        delta_rule(net, x, expected, eta=0.1)
    assert (by_rule.type, str(by_rule.value)) == (by_gradients.type, str(by_gradients.value))


@pytest.mark.parametrize("bias", [np.nan, np.inf, 40.0, -800.0])
def test_the_delta_rule_refuses_a_network_that_has_diverged_or_saturated(bias):
    net, x, expected = problem((6, 4), "sigmoid+cross_entropy")
    net = replace(net, biases=(np.full((4, 1), bias),))
    error = ValueError if not np.isfinite(bias) else manualbp.DomainError
    with pytest.raises(error) as by_gradients:
        manualbp.gradients(net, x, expected)
    with pytest.raises(error) as by_rule:
        delta_rule(net, x, expected, eta=0.1)
    assert by_rule.type is error
    assert str(by_rule.value) == str(by_gradients.value)


def test_descent_asks_for_a_network():
    _, x, expected = problem((6, 4))
    for descend_by in (delta_rule, batch):
        with pytest.raises(TypeError, match=r"^net is 'net', of type str: give a Network"):
            descend_by("net", x, expected, eta=0.1)


# the limits of the stochastic descent


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_mini_batches_of_one_are_single_sample_descent_bit_for_bit(head, dtype):
    net, x, expected = problem(head=head, dtype=dtype)
    rngs = np.random.default_rng(1), np.random.default_rng(1)
    ours = stochastic(net, x, expected, eta=0.3, draw=M, mini_batch=1, rng=rngs[0])
    limit = single_sample(net, x, expected, eta=0.3, rng=rngs[1])
    for one, other in islice(zip(ours, limit, strict=True), 3 * M):
        assert identical(one.net, other.net)
        assert (one.cost, one.index, one.draw, *one.chosen) == (other.cost, other.index, other.draw, *other.chosen)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_mini_batch_of_all_samples_is_batch_descent(head, dtype):
    """Not bit for bit: the draw permutes the samples, and the sum of a mean with them."""
    net, x, expected = problem(head=head, dtype=dtype)
    ours = stochastic(net, x, expected, eta=0.3, draw=M, mini_batch=M, rng=np.random.default_rng(1))
    for one, other in islice(zip(ours, batch(net, x, expected, eta=0.3), strict=True), 5):
        assert distance(one.net, other.net) <= 16
        assert one.cost == pytest.approx(other.cost, rel=32 * float(np.finfo(dtype).eps))


@pytest.mark.parametrize("mini_batch", [1, 4, 7, 20])
def test_every_update_is_the_mean_over_the_samples_that_the_step_names(mini_batch):
    net, x, expected = problem()
    steps = stochastic(net, x, expected, eta=0.3, draw=20, mini_batch=mini_batch, rng=np.random.default_rng(2), draws=2)
    for one in steps:
        assert distance(one.net, by_hand(net, x[:, one.chosen], expected[:, one.chosen], 0.3)) <= 16
        net = one.net


WRONG_UPDATES = {
    "the sign flipped": lambda net, g, eta: step(net, flipped(g), eta),
    "the sum instead of the mean": lambda net, g, eta: step(net, g, eta * g.deltas[-1].shape[-1]),
    "half the mean": lambda net, g, eta: step(net, g, eta / 2),
    "the weights alone": lambda net, g, eta: replace(step(net, g, eta), biases=net.biases),
    "the biases alone": lambda net, g, eta: replace(step(net, g, eta), weights=net.weights),
    "no update": lambda net, g, eta: net,
    "off by one part in a million": lambda net, g, eta: step(net, g, eta * (1 + 1e-6)),
}


def flipped(g):
    return replace(g, nabla_w=tuple(-w for w in g.nabla_w), nabla_b=tuple(-b for b in g.nabla_b))


@pytest.mark.parametrize("wrong", WRONG_UPDATES.values(), ids=WRONG_UPDATES)
def test_the_tests_above_catch_a_wrong_update(wrong, monkeypatch):
    monkeypatch.setattr(descent, "step", wrong)
    with pytest.raises(AssertionError):
        test_every_update_is_the_mean_over_the_samples_that_the_step_names(4)


def test_the_limit_test_catches_draws_that_are_not_the_single_samples(monkeypatch):
    net, x, expected = problem()
    ours = stochastic(net, x, expected, eta=0.3, draw=M, mini_batch=1, rng=np.random.default_rng(1))
    limit = single_sample(net, x, expected, eta=0.3, rng=np.random.default_rng(2))
    assert not identical(next(ours).net, next(limit).net)


# how samples are drawn


@pytest.mark.parametrize(
    ("draw", "mini_batch", "cuts"), [(20, 5, [5] * 4), (20, 6, [6, 6, 6, 2]), (M, M, [M]), (1, 1, [1])]
)
def test_a_draw_is_cut_into_mini_batches_without_repeating_a_sample(draw, mini_batch, cuts):
    net, x, expected = problem()
    rng = np.random.default_rng(3)
    steps = list(stochastic(net, x, expected, eta=0.1, draw=draw, mini_batch=mini_batch, rng=rng, draws=3))
    assert [len(one.chosen) for one in steps] == cuts * 3
    assert [one.index for one in steps] == list(range(3 * len(cuts)))
    assert [one.draw for one in steps] == sorted(list(range(3)) * len(cuts))
    drawn = [np.concatenate([one.chosen for one in steps if one.draw == number]) for number in range(3)]
    assert all(len(set(samples)) == draw for samples in drawn)


def test_draws_are_random_and_reach_every_sample_equally():
    net, x, expected = problem()
    steps = stochastic(net, x, expected, eta=0.1, draw=5, mini_batch=5, rng=np.random.default_rng(4), draws=920)
    counts = np.bincount(np.concatenate([one.chosen for one in steps]), minlength=M)
    assert counts.sum() == 4600
    assert abs(counts - 200).max() < 4 * np.sqrt(200 * (1 - 5 / M))  # four standard deviations of a fair draw


def test_single_samples_are_all_visited_in_a_new_order_each_time_round():
    net, x, expected = problem()
    order = [
        int(one.chosen[0])
        for one in islice(single_sample(net, x, expected, eta=0.1, rng=np.random.default_rng(5)), 2 * M)
    ]
    assert sorted(order[:M]) == sorted(order[M:]) == list(range(M))
    assert order[:M] != order[M:]


def test_a_step_already_taken_stays_as_it_was_while_the_buffers_are_reused():
    net, x, expected = problem()
    given = [a.copy() for a in [*parameters(net), x, expected]]
    steps = stochastic(net, x, expected, eta=0.5, draw=20, mini_batch=5, rng=np.random.default_rng(6), draws=2)
    first = next(steps)
    kept = [p.copy() for p in parameters(first.net)]
    list(steps)
    assert all(map(np.array_equal, kept, parameters(first.net)))
    assert all(map(np.array_equal, given, [*parameters(net), x, expected]))


@pytest.mark.parametrize("descent_of", ["stochastic", "single_sample"])
def test_the_same_seed_descends_the_same_way_and_another_seed_another(descent_of):
    net, x, expected = problem()
    options = {"draw": 20, "mini_batch": 3} if descent_of == "stochastic" else {}

    def after(seed):
        steps = getattr(descent, descent_of)(net, x, expected, eta=0.5, rng=np.random.default_rng(seed), **options)
        return next(islice(steps, 15, None)).net

    assert identical(after(8), after(8))
    assert not identical(after(8), after(9))


def test_every_descent_lowers_the_cost():
    net, x, expected = problem()
    rng = np.random.default_rng(10)
    start = manualbp.gradients(net, x, expected).cost
    for steps in (
        batch(net, x, expected, eta=1.0),
        single_sample(net, x, expected, eta=0.2, rng=rng),
        stochastic(net, x, expected, eta=0.5, draw=20, mini_batch=5, rng=rng),
    ):
        end = next(islice(steps, 300, None)).net
        assert manualbp.gradients(end, x, expected).cost < start / 2


# bad arguments are told before the first update


BAD = {
    "eta": [
        (0, ValueError, "eta = 0 is no step size: give a finite number above 0"),
        (-0.1, ValueError, "eta = -0.1"),
        (float("nan"), ValueError, "eta = nan"),
        (float("inf"), ValueError, "eta = inf"),
        ("0.1", TypeError, "eta must be a real number, not str"),
        (np.ones(2), TypeError, "eta must be a real number, not ndarray"),
        (True, TypeError, "eta must be a real number, not bool"),
        (1j, TypeError, "eta must be a real number, not complex"),
    ],
    "draw": [
        (0, ValueError, "draw = 0 is too few"),
        (M + 1, ValueError, f"draw = {M + 1} is too many, for there are {M} samples: give at most {M}"),
        (10.0, TypeError, "draw must be an integer, not float"),
    ],
    "mini_batch": [
        (0, ValueError, "mini_batch = 0 is too few"),
        (-3, ValueError, "mini_batch = -3 is too few"),
        (21, ValueError, "mini_batch = 21 is too many, for a draw has 20 samples"),
        (None, TypeError, "mini_batch must be an integer, not NoneType"),
        (True, TypeError, "mini_batch must be an integer, not bool"),
    ],
    "draws": [(0, ValueError, "draws = 0 is too few"), (1.5, TypeError, "draws must be an integer")],
    "rng": [
        (-7, ValueError, "rng = -7: give a seed of at least 0"),
        (np.random.RandomState(7), TypeError, "rng is a RandomState: give numpy.random.default_rng"),
        (None, TypeError, "rng is a NoneType"),
    ],
}


@pytest.mark.parametrize(
    ("name", "value", "error", "words"), [(name, *case) for name, cases in BAD.items() for case in cases]
)
def test_bad_arguments_are_told_at_once(name, value, error, words):
    net, x, expected = problem()
    options = {"eta": 0.1, "draw": 20, "mini_batch": 5, "rng": np.random.default_rng(0)} | {name: value}
    with pytest.raises(error, match=words):
        stochastic(net, x, expected, **options)
    for other, takes in ((single_sample, ("eta", "rng")), (batch, ("eta",)), (delta_rule, ("eta",))):
        if name in takes:
            arguments = problem((6, 4)) if other is delta_rule else (net, x, expected)
            with pytest.raises(error, match=words):
                other(*arguments, **{key: options[key] for key in takes})


@pytest.mark.parametrize("descent_of", [batch, single_sample, stochastic])
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda x, expected: (x[:, 1:], expected), "expected .*23.*22"),
        (lambda x, expected: (x.T, expected), "x has shape"),
        (lambda x, expected: (x, expected[1:]), "expected has shape"),
        (lambda x, expected: (x[:, :0], expected[:, :0]), "x has shape"),
        (lambda x, expected: (x[None], expected), "x has shape .* a training set is one matrix"),
        (lambda x, expected: (x[:, 0], expected), "x has shape"),
        (lambda x, expected: (x + np.nan, expected), "x: entry .* is nan"),
    ],
)
def test_a_bad_training_set_is_told_at_once(descent_of, spoil, words):
    net, x, expected = problem()
    rng = {} if descent_of is batch else {"rng": np.random.default_rng(0)}
    with pytest.raises(ValueError, match=words):
        descent_of(net, *spoil(x, expected), eta=0.1, **rng)


# descent on a function, as one draws it on paper


def test_descend_on_a_paraboloid():
    """f = x² + y² at (−2, 4): −∇f = (4, −8); η = ½ lands in the minimum, η = ¼ halves the way at each step."""

    def f_prime(p):
        return 2 * p

    assert descend(f_prime, (-2, 4), eta=0.5, steps=1).tolist() == [[-2, 4], [0, 0]]
    assert descend(f_prime, (-2, 4), eta=0.25, steps=2).tolist() == [[-2, 4], [-1, 2], [-0.5, 1]]
    assert descend(f_prime, (-2, 4), eta=1, steps=2).tolist() == [[-2, 4], [2, -4], [-2, 4]]


def test_descend_tells_bad_arguments():
    with pytest.raises(ValueError, match="steps = 0"):
        descend(lambda p: p, (1, 2), eta=0.5, steps=0)
    with pytest.raises(ValueError, match="eta = -1"):
        descend(lambda p: p, (1, 2), eta=-1, steps=1)
