"""Makes the vectors anew and writes them into this package: `python -m oracle.vectors`."""

from pathlib import Path

from oracle.vectors.files import contents
from oracle.vectors.make import make_all
from oracle.vectors.write import write_files

if __name__ == "__main__":
    folder = Path(__file__).with_name("data")
    files = contents(make_all())
    write_files(folder, files, force=True)
    print(f"{len(files)} files, {sum(map(len, files.values())):,} bytes in {folder}")
