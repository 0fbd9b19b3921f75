"""The settings under which promises are measured: a cluster of its own, set up like a server."""

from common.embedded.postgres import Cluster
from config.settings import *  # noqa: F403
from config.settings import VAR

EMBEDDED_POSTGRES = Cluster(VAR / "pg-bench", profile="bench")
DATABASES = {"default": EMBEDDED_POSTGRES.django_database("bench")}
