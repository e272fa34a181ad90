"""Settings of every test: how notebooks are compared (tools/replay.py)."""

from importlib.util import find_spec

pytest_plugins = ["tools.replay"]

# modules with kernels can be imported where triton is: on Linux
collect_ignore_glob = [] if find_spec("triton") else ["lib/escapetime/simulate/gpu/*"]
