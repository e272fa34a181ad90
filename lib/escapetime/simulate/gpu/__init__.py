"""The GPU engine: generated Triton kernels, and the worker that keeps a card's lanes full.

Modules with kernels import triton when they are imported; nothing outside this package imports them before it runs.
"""
