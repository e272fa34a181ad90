"""Kernels are bound to Triton's compiler or to its interpreter when imported: a process has one or the other."""

import os

import pytest
import torch

collect_ignore = [] if os.environ.get("TRITON_INTERPRET") == "1" else ["interpreted"]


@pytest.fixture(autouse=True)
def same_numbers():
    """What a test draws without a generator of its own does not depend on the tests before it."""
    torch.manual_seed(0)
