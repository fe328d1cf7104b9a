"""One module per operation, with its request, its records and its rows."""
