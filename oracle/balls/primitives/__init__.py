"""The primitives of a jaxpr in balls, a table of handlers for each kind; `oracle.balls.jaxpr` walks the program."""
