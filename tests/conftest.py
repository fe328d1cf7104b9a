from contextlib import ExitStack
from functools import partial

import pytest

from tests.drivers import DRIVERS, open_client


@pytest.fixture(params=DRIVERS)
def connect(request):
    """Opens a client of each kind: `connect(handler, **options)`."""
    with ExitStack() as stack:
        yield partial(open_client, request.param, stack)
