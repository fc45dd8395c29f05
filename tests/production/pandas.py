"""Not installed in production, where nothing uses it: only test tools bring it, and sqlite-utils takes it when it can.

The programs that tests start find this first, so that they run, and start, as they do there.
"""

raise ImportError("pandas is a tool of the tests")
