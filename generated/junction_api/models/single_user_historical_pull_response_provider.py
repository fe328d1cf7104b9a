from typing import TypeAlias

from ..models.single_provider_historical_pull_response import SingleProviderHistoricalPullResponse

SingleUserHistoricalPullResponseProvider: TypeAlias = dict[
    str, SingleProviderHistoricalPullResponse
]
