"""Waiting in tests for what other processes do."""

import time


def wait_for(what, seconds, f):
    """Calls f until it gives something true, and gives that back."""
    deadline = time.monotonic() + seconds
    while not (result := f()):
        assert time.monotonic() < deadline, 'gave up waiting for ' + what
        time.sleep(0.05)
    return result
