"""Tests of `kspec.base`."""
