"""Symbolic stochastic calculus: Kramers-Moyal, Fokker-Planck, conventions and Laplace's method, in sympy alone."""
