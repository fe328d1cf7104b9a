"""The generated models, under their public name: what listings yield, and the types of values.

    from junction_introspect.models import HistoricalPullStatus, SingleUserHistoricalPullResponse

They have the names of the specification's schemas, so a newer specification may rename one; the
changelog says so. A field that the server left out is `UNSET`; the flat rows have None instead.
"""

import junction_api.models as _generated
from junction_api.models import *  # noqa: F403 - every model, whatever the specification has
from junction_api.types import UNSET, Unset

__all__ = ["UNSET", "Unset"]
__all__ += _generated.__all__
