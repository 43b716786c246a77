"""Run every benchmark: `python -m bench`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overread.site.settings")

from bench import decoding, fairness, headers, received

if __name__ == "__main__":
    for bench in (headers, decoding, received, fairness):
        print(bench.measure())
