"""Most probable paths of weakly noisy processes: their action is the exponent of the escape time.

In detailed balance the way out is the way in, backwards. Elsewhere the two differ, and the action takes the place of
the barrier.
"""

from escapetime.paths.action import action
from escapetime.paths.minimum import MinimumActionPath, minimum_action_path
from escapetime.paths.relaxation import relaxation_path

__all__ = ["MinimumActionPath", "action", "minimum_action_path", "relaxation_path"]
