"""What a loss is held against, by which nobody differentiates it."""

#: Arguments of these domains are labels: a rule that gives None for them declines, as it should, and they are as often kept as
#: integers.
LABELS = ("one_hot", "sign")
#: And so are arguments of these names, in small letters: nobody differentiates a loss by what it is held against.
TARGETS = frozenset(
    (
        "e",
        "t",
        "y",
        "y_",
        "y_true",
        "target",
        "targets",
        "label",
        "labels",
        "expected",
        "truth",
        "gold",
        "mask",
        "index",
        "indices",
    )
)
