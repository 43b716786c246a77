"""Studies, series and instances: index, objects, priors and retention."""
