"""Compares two versions of a specification from the point of view of an API client.

The entry point is ``compare.compare(old, new)``. It first reads each schema into the values that it
allows (``rules``, ``variants``), and then compares those by inclusion (``inclusion``, ``schemas``).
"""
