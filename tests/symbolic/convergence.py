"""How fast the residual of an asymptotic series vanishes, measured by regression on nested parameters."""

import numpy as np


def measured_order(parameters, residuals):
    """Slope of log|residual| against log(parameter)."""
    return np.polyfit(np.log(np.array(parameters, dtype=float)), np.log(np.abs(np.array(residuals, dtype=float))), 1)[0]
