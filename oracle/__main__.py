"""`python -m oracle` is the command `manualbp`."""

from oracle.cli import main

if __name__ == "__main__":
    main(prog_name="manualbp")
