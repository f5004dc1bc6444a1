"""One export for all the tests that read one."""

import pytest
from click.testing import CliRunner

from oracle.cli import main


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """A folder that no test may change."""
    folder = tmp_path_factory.mktemp("vectors") / "exported"
    result = CliRunner().invoke(main, ["vectors", "export", str(folder), "--large"])
    assert result.exit_code == 0, result.output
    return folder
