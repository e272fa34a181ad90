"""Settings of every test: how notebooks are compared (tools/replay.py)."""

pytest_plugins = ["tools.replay"]
