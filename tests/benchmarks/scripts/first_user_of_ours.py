"""The first user's id, by this package."""

from junction_introspect import Junction

with Junction() as junction:
    print(next(junction.historical_pulls()).user_id)  # noqa: T201 - the result
