"""What the Makefile runs: execute the chapters, keep their reference outputs, check what was built."""
