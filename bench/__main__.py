"""Run every benchmark: `python -m bench`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overread.site.settings")

from bench import fairness, headers, received

if __name__ == "__main__":
    for bench in (headers, received, fairness):
        print(bench.measure())
