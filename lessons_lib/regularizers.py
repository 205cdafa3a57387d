"""Ways to keep a network's weights in check."""


class Regularizer:
    """What a regularizer may do to training; each subclass does one of these things."""

    def prepare(self, net):
        """The network to train: the one given, or a variant of it."""
        return net

    def gains(self, net, batch, rng, gains):
        """What each layer's f(z) is multiplied by in this step; None for the net's own gains."""
        return gains

    def penalty(self, net):
        """None, or ``(cost, gradient)``: a number added to the cost and its (n_params,) gradient."""
        return None

    def filter(self, net, update, index, rng):
        """The update (n_params,) that is really made at step ``index``."""
        return update
