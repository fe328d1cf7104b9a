"""What processes and event loops have each of their own."""
