"""What keeps a cluster from running here."""


class ClusterError(RuntimeError):
    """A part of the cluster cannot start or did not do what was asked; the message says which and why."""


class MachineError(ClusterError):
    """This machine cannot run it; the message says what it lacks."""
