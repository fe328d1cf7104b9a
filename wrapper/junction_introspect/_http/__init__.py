"""One HTTP request: how it is sent, received and judged."""
