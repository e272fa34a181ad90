"""Generated kernels: from the expressions of a step to compiled code, and the worker that runs it."""
