"""Primitives that hand their operand on: they copy it, place it, name it, and compute nothing."""

IDENTITIES = (
    "copy",
    "copy_p",
    "optimization_barrier",
    "sharding_constraint",
    "reshard",
    "device_put",
    "name",
    "pvary",
    "reduced_vary_cast",
    "pcast",
)
