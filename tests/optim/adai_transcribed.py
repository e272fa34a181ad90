"""Adai in numpy, written from the published algorithm: element-wise product of inertias, no care for rounding."""

import numpy as np

DEFAULTS = {
    "betas": (0.1, 0.99), "eps": 1e-3, "weight_decay": 0.0, "decoupled": False, "dampening": 1.0, "maximize": False,
}  # fmt: skip


class Transcribed:
    """Groups are dictionaries of options with ``params``, a list of arrays; a gradient may be None."""

    def __init__(self, groups, **defaults):
        self.groups = [DEFAULTS | defaults | group for group in groups]
        self.memory = {}

    def step(self, gradients):
        """Take gradients as nested lists, group by group; return the inertias in the same order."""
        total, count = 0.0, 0
        effective = []
        for group, of_group in zip(self.groups, gradients, strict=True):
            beta2 = group["betas"][1]
            effective.append([])
            for theta, g in zip(group["params"], of_group, strict=True):
                if g is None:
                    effective[-1].append(None)
                    continue
                if group["maximize"]:
                    g = -g
                if not group["decoupled"]:
                    g = g + group["weight_decay"] * theta
                effective[-1].append(g)
                zero = np.zeros_like(theta)
                own = self.memory.setdefault(id(theta), {"t": 0, "v": zero, "m": zero.copy(), "product": zero + 1})
                own["t"] += 1
                own["v"] = beta2 * own["v"] + (1 - beta2) * g**2
                own["vhat"] = own["v"] / (1 - beta2 ** own["t"])
                total += own["vhat"].sum()
                count += theta.size
        mean, inertias = total / count, []
        for group, of_group in zip(self.groups, effective, strict=True):
            beta0, d = group["betas"][0], group["dampening"]
            for theta, g in zip(group["params"], of_group, strict=True):
                if g is None:
                    continue
                own = self.memory[id(theta)]
                mu = np.clip(1 - beta0 * (own["vhat"] / mean) ** (1 / (3 - 2 * d)), 0, 1 - group["eps"])
                own["m"] = mu * own["m"] + (1 - mu) ** d * g
                own["product"] = own["product"] * mu
                if group["decoupled"]:
                    theta *= 1 - group["lr"] * group["weight_decay"]
                theta -= group["lr"] * beta0 ** (1 - d) * own["m"] / (1 - own["product"])
                inertias.append(mu)
        return inertias
