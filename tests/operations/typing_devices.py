"""Checked by mypy beside the generated package, never run."""

from typing import assert_type

from devices import DEVICES, Device, arguments  # type: ignore[import-not-found,unused-ignore]

from junction_api.models import UserDevices  # type: ignore[attr-defined,unused-ignore]
from junction_introspect import Junction


def listed(junction: Junction) -> None:
    """A listing of the operation is typed by its record and row."""
    listing = junction.listing(DEVICES, arguments(kind="ring"))
    for user in listing:
        assert_type(user, UserDevices)
    for row in listing.rows():
        assert_type(row, Device)
    for page in listing.pages():
        assert_type(page.data[0], UserDevices)
