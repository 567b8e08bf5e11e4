"""Tests of `kspec.manifests`."""
