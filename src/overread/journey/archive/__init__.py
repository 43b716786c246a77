"""Studies, series and instances."""
