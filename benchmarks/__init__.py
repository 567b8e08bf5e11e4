"""Workloads and runners; see the docstring of each."""
