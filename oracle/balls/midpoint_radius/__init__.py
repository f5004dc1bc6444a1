"""Midpoint–radius arrays: two arrays of float64 that enclose an array of real numbers, every rounding accounted for.

The second arithmetic of the interpreter (`oracle.balls.walk`), for what is large: a thousand times as fast as arrays of `arb`, at
one precision. What it cannot answer it leaves open (an infinite radius, Undecidable, UnsupportedPrimitive), and `arb` is asked.

A file a kind of primitives; `interpreter.evaluate` walks a jaxpr. Source: S. M. Rump, Verification methods, Acta Numerica 19
(2010).
"""
