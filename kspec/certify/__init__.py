"""Checking results with code that shares nothing with the engines."""
