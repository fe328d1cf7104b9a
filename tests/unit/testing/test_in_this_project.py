"""What a downstream project tests, with the plugin as this environment has it installed."""

import pytest

from tests.unit.testing.downstream.tests import *  # noqa: F403  whatever there is

pytestmark = pytest.mark.any_specification
