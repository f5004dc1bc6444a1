"""Where a and E of the last layer are drawn: as the record of the section's subject says, or its author."""

import manualbp
from oracle.proofs.scope import Scope


def domains_of(scope: Scope) -> tuple[str, str]:
    """The names of the domains of a and of E."""
    if scope.own is not None:
        return scope.own.domains
    if scope.kind == "cost" and scope.name in manualbp.COSTS:
        cost = manualbp.COSTS[scope.name]
    elif scope.kind == "head" and scope.name in manualbp.HEADS:
        cost = manualbp.HEADS[scope.name].cost
    else:
        return "real", "real"
    return cost.a_domain.name, cost.e_domain.name
