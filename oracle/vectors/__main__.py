"""Makes the vectors anew and writes them into this package: `python -m oracle.vectors [PATTERN …]`.

With patterns only those whose id is like one are made, and the others stay as they are.
"""

import sys
from fnmatch import fnmatchcase
from pathlib import Path

from oracle.vectors.files import contents, data_folder, read_vectors
from oracle.vectors.make import make_all
from oracle.vectors.plans import plans
from oracle.vectors.write import write_files

if __name__ == "__main__":
    folder = Path(__file__).with_name("data")
    patterns, ids = sys.argv[1:] or ["*"], [id for id, *_ in plans()]
    wanted = {id for id in ids if any(fnmatchcase(id, pattern) for pattern in patterns)}
    kept = [v for v in read_vectors(data_folder()) if v.id not in wanted] if len(wanted) < len(ids) else []
    by_id = {v.id: v for v in (*kept, *make_all(wanted))}
    files = contents(by_id[id] for id in ids if id in by_id)
    write_files(folder, files, force=True)
    print(f"{len(files)} files, {sum(map(len, files.values())):,} bytes in {folder}")
