"""Kernels are bound to Triton's compiler or to its interpreter when imported: a process has one or the other."""

import os

collect_ignore = [] if os.environ.get("TRITON_INTERPRET") == "1" else ["interpreted"]
