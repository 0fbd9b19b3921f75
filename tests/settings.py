"""The settings under which tests run: everything they write lies in ``var/test/<worker>``."""

import os
from pathlib import Path

# A test never touches the servers that the developer's environment names.
for name in ("DATABASE_URL", "CELERY_BROKER_URL", "EMAIL_URL", "PRODUCTION", "DEBUG"):
    os.environ.pop(name, None)
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ["CLIENTELA_VAR"] = str(Path(__file__).parent.parent / "var" / "test" / WORKER)

from common.embedded.postgres import Cluster  # noqa: E402
from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES as OURS  # noqa: E402
from config.settings import VAR  # noqa: E402

# A cluster for each worker: the timeline's horizon spans all databases of a cluster.
EMBEDDED_POSTGRES = Cluster(VAR / "pg", profile="test")
DATABASES = {"default": EMBEDDED_POSTGRES.django_database("test")}
DATABASES["default"]["OPTIONS"] = OURS["default"].get("OPTIONS", {})

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Messages stay in this process unless a test starts a real broker (tests/programs.py).
CELERY_BROKER_URL = os.environ.get("TEST_BROKER_URL", "memory://")
