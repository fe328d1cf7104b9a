"""The first user's id, by the vendor's SDK."""

import os

from junction import Junction

client = Junction(base_url=os.environ["JUNCTION_BASE_URL"], api_key=os.environ["JUNCTION_API_KEY"])
page = client.introspect.get_user_historical_pulls(user_limit=50)
print(page.data[0].user_id)  # noqa: T201 - the result
