"""How a command ends when it has no verdict: one sentence and exit code 2, whatever went wrong."""

import sys
import traceback
from typing import Any

import click

# module: (its distribution, the extra of manualbp that brings it)
EXTRAS = {
    "markdown_it": ("markdown-it-py", "oracle"),
    "sklearn": ("scikit-learn", "train"),
    "matplotlib": ("matplotlib", "train"),
    "jax": ("JAX", "oracle"),
    "flint": ("python-flint", "oracle"),
    "hypothesis": ("Hypothesis", "oracle"),
    "torch": ("PyTorch", "torch"),
    "distributed": ("Dask", "dask"),
    "ml_dtypes": ("ml_dtypes", "vectors"),
    "safetensors": ("safetensors", "vectors"),
}


#: What shells report of a program that Ctrl-C ended.
INTERRUPTED = 130


class CouldNotRun(click.ClickException):
    """One sentence on stderr, and exit code 2."""

    exit_code = 2


class Commands(click.Group):
    """A crash is no verdict: Python's own exit code for it, 1, would read as `wrong`."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except ModuleNotFoundError as error:
            missing = (error.name or "").partition(".")[0]
            if missing not in EXTRAS:
                return _crash(ctx)
            distribution, extra = EXTRAS[missing]
            raise CouldNotRun(
                f"manualbp {ctx.invoked_subcommand} needs {distribution}: "
                f'pip install "manualbp[{extra}]" (in a clone: pip install ".[{extra}]")'
            ) from error
        except BrokenPipeError:
            sys.stderr.close()  # whoever read our output has left; the interpreter would complain on its way out
            ctx.exit(CouldNotRun.exit_code)
        except OSError as error:
            raise CouldNotRun(f"the system refused: {error}.") from error
        except (KeyboardInterrupt, EOFError, click.Abort):
            click.echo("Interrupted before a verdict was reached.", err=True)
            ctx.exit(INTERRUPTED)
        except Exception:
            return _crash(ctx)


def _crash(ctx: click.Context) -> None:
    traceback.print_exc()
    click.echo("Error: manualbp crashed, which is a defect of manualbp and no verdict; please report it.", err=True)
    ctx.exit(CouldNotRun.exit_code)
