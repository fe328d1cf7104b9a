from typing import TypeAlias

from ..models.resource_availability import ResourceAvailability

ProviderResourceAvailability: TypeAlias = dict[str, ResourceAvailability]
