from typing import TypeAlias

from ..models.single_resource_statistics import SingleResourceStatistics

SingleUserResourceResponseProviderAdditionalProperty: TypeAlias = dict[
    str, SingleResourceStatistics
]
