"""What is special about each operation: its request, its records and its rows."""
