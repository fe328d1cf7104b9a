from typing import TypeAlias

from ..models.single_historical_pull_statistics import SingleHistoricalPullStatistics

SingleProviderHistoricalPullResponsePulled: TypeAlias = dict[str, SingleHistoricalPullStatistics]
