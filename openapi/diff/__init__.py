"""The comparison of two versions of a specification, from the side of whoever calls the API.

``compare.compare(old, new)`` is the way in. A schema is first read into what it admits
(``rules``, ``variants``), then two of those are compared by inclusion (``inclusion``, ``schemas``).
"""
