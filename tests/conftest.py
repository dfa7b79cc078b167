"""Fixtures that several test files share."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from analysis.errors import MissingPartError
from analysis.model import ensure_model

# A busy machine is no fault, nor is the first use of a library.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def pose_model() -> Path:
    """Return the real pose model; tests that use it carry the mark ``model``."""
    try:
        return ensure_model()
    except MissingPartError as error:
        # On a developer's train ride this is normal; on CI it is a failure.
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(error.text)
