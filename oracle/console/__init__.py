"""How a command speaks: options that several share, whose output goes where, and how it ends without a verdict.

Offers: `exits` (CouldNotRun, Commands), `options`, `output.output_to_stderr`.
Imports: no other room.
"""
