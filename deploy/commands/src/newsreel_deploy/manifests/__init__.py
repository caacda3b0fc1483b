"""`deploy/k8s`: what is generated of it, how it is rendered, and what it must be."""
