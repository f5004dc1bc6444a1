"""`python -m oracle` is the command `manualbp`."""

from manualbp._command import main

if __name__ == "__main__":
    main()
