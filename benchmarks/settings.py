"""The settings under which promises are measured: a cluster of its own, set up like a server."""

from common.embedded.postgres import Cluster
from config.settings import *  # noqa: F403
from config.settings import DATABASES as OURS
from config.settings import VAR

EMBEDDED_POSTGRES = Cluster(VAR / "pg-bench", profile="bench")
DATABASES = {"default": OURS["default"] | EMBEDDED_POSTGRES.django_database("bench")}

# Peers stand on the same server as what is measured against them.
ROOT_URLCONF = "benchmarks.urls"
# As with DATABASE_URL, and with a bell that can be rung.
DATABASES["default"]["CONN_MAX_AGE"] = 60
CELERY_BROKER_URL = "memory://"
