"""Listing any operation that pages by cursor."""
