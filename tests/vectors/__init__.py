"""Facts from Kubernetes' own unit tests, and whether the models agree with them."""
