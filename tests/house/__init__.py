"""Tests of the house rules: imports, names, pages."""
