"""Thousands of random architectures at once: many small networks embedded in one stack, so that one compile serves all."""
