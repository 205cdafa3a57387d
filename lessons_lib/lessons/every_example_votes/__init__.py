"""Every example votes: why gradients are averaged over all examples."""
