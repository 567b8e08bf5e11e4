"""kspec: a formal model checker and verified-controller specification for Kubernetes."""

__all__ = ["__version__"]

__version__ = "0.1.0"
