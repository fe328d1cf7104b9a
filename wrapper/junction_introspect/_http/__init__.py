"""Fetching one page over HTTP: connections, credentials, attempts, bodies and decoding."""
