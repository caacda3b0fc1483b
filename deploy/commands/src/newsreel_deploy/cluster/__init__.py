"""A real Kubernetes on one machine: a control plane, or two nodes in namespaces of their own."""
