"""What a downstream project tests, with the plugin as this environment has it installed."""

from tests.plugin.downstream.tests import *  # noqa: F403  whatever there is
