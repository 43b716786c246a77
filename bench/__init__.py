"""Side-by-side benchmarks against peers; `make bench` runs them. Figures are ratios of processor time within one run."""
