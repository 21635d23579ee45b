"""What tests of several rooms share."""

import os
import sys
from pathlib import Path

import pytest

from songwright.engine.material import Assets


@pytest.fixture(scope="session")
def assets() -> Assets:
    return Assets(Path(os.environ.get("SONGWRIGHT_ASSETS") or Path(sys.prefix) / "share" / "songwright"))
