"""Python's garbage collector, set for a process that makes many short-lived objects."""

import gc

_YOUNG = 20_000  # allocations between two collections; Python's own 700 costs a consumer a tenth of its time


def set_up_garbage_collector() -> None:
    """Call it once, after the imports: objects that exist then are never collected again.

    A full collection that scans them would pause the service for about 50 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 10, 10)
