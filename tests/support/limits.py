"""How long a test waits for what comes on any machine, however busy, unless something hangs."""

# Seconds.
LIMIT = 300
