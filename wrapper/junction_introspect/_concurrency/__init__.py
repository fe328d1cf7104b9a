"""State that each process or event loop has of its own."""
