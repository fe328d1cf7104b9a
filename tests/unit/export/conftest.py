"""What the tests of exports share."""

import uuid

import pytest


@pytest.fixture(params=["memory", "s3"])
def prefix(request):
    """A prefix of a filesystem without tags, and of an object store with tags."""
    if request.param == "memory":
        return f"memory://{uuid.uuid4()}"
    return request.getfixturevalue("s3_prefix")
