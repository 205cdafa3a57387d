"""The mathematics, in numpy alone: a network, its gradients, and the ways to use them."""
