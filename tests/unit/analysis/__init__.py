"""Tests of the type checker."""
