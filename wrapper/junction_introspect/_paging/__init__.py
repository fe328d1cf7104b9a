"""Cursor pagination for any operation."""
