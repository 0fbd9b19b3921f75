"""The settings under which promises are measured: a cluster of its own, set up like a server."""

import os
from pathlib import Path

from common.embedded.postgres import Cluster
from config.settings import *  # noqa: F403
from config.settings import DATABASES as OURS
from config.settings import VAR

# What was written for a race may be kept for the next one, in a folder of its own.
FOLDER = Path(os.environ.get("BENCH_KEEP") or VAR / "pg-bench")
EMBEDDED_POSTGRES = Cluster(FOLDER, profile="bench")
DATABASES = {"default": OURS["default"] | EMBEDDED_POSTGRES.django_database("bench")}

# Peers stand on the same server as what is measured against them.
ROOT_URLCONF = "benchmarks.urls"
# As with DATABASE_URL, and with a bell that can be rung.
DATABASES["default"]["CONN_MAX_AGE"] = 60
CELERY_BROKER_URL = "memory://"
