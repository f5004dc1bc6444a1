"""`python -m oracle.scores NAME [OPTIONS]`: what is measured of us and of peers."""

import sys
from importlib import import_module

HOMES = {
    "accuracy": "oracle.scores.accuracy",
    "coefficients": "oracle.scores.coefficients",
    "defects": "oracle.scores.defects",
    "growth": "oracle.scores.growth.command",
    "heads": "oracle.scores.heads",
    "kernels": "oracle.scores.kernels",
    "large": "oracle.scores.large",
    "mutants": "oracle.scores.mutants.command",
    "speed": "oracle.scores.speed",
}
USAGE = f"usage: python -m oracle.scores {{{','.join(HOMES)}}} [OPTIONS]; --help after a name lists its options"


def main(argv: list[str]) -> int:
    """Runs the named measurement. Exit code 2 where there is none of that name."""
    name, options = (argv[0] if argv else ""), argv[1:]
    if name in ("-h", "--help"):
        print(USAGE)
        return 0
    if name not in HOMES:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        code: int = import_module(HOMES[name]).main(options)
    except ModuleNotFoundError as error:
        needed = f'needs {error.name}: pip install "manualbp[dev]" (in a clone: pip install ".[dev]")'
        print(f"Error: python -m oracle.scores {name} {needed}", file=sys.stderr)
        return 2
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
