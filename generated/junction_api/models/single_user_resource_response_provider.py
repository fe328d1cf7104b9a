from typing import TypeAlias

from ..models.single_user_resource_response_provider_additional_property import (
    SingleUserResourceResponseProviderAdditionalProperty,
)

SingleUserResourceResponseProvider: TypeAlias = dict[
    str, SingleUserResourceResponseProviderAdditionalProperty
]
