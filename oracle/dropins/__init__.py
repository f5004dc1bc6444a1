"""Drop-ins for the gradient checks that people already call: torch.autograd's `gradcheck`, jax.test_util's `check_grads`.

Offers: `of_torch.gradcheck`, `second_of_torch.gradgradcheck`, `of_jax.check_grads`.
Imports: no rooms but candidate, check, judgement, search, witnesses.
"""
