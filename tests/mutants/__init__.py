"""Mistakes put into kspec on purpose, each with the test that must notice it."""
