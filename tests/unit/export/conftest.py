"""What the tests of exports share."""

import os
import uuid
from unittest.mock import patch

import pytest

from tests.support import s3


@pytest.fixture(scope="session")
def s3_variables():
    """The variables that reach an S3 server, which runs as long as the session."""
    with s3.served() as variables:
        yield variables


@pytest.fixture
def s3_prefix(s3_variables):
    """A prefix in an object store in which there is nothing."""
    with patch.dict(os.environ, s3_variables):
        yield s3.new_prefix()


@pytest.fixture(params=["memory", "s3"])
def prefix(request):
    """A prefix of a filesystem without tags, and of an object store with tags."""
    if request.param == "memory":
        return f"memory://{uuid.uuid4()}"
    return request.getfixturevalue("s3_prefix")
