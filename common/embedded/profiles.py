"""What the embedded PostgreSQL is told, for each use of it."""

import sys

COMMON = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "timezone": "'UTC'",
    "jit": "off",
    "random_page_cost": "1.1",
    # A single server that nobody replicates from.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # Parallel queries: a container's /dev/shm is often only 64 MB.
    "min_dynamic_shared_memory": "'256MB'",
}
if sys.platform == "linux":
    # Recovery after a kill -9 then takes 1.5 s instead of 3.9 s.
    COMMON["recovery_init_sync_method"] = "syncfs"

DEV = COMMON | {
    "shared_buffers": "'256MB'",
    "work_mem": "'16MB'",
    "maintenance_work_mem": "'256MB'",
    "effective_cache_size": "'1GB'",
    "min_wal_size": "'128MB'",
    "max_wal_size": "'2GB'",
    "autovacuum_naptime": "'15s'",
    "log_min_duration_statement": "500",
    "log_lock_waits": "on",
    "idle_in_transaction_session_timeout": "'10min'",
}

# Never on data that somebody keeps.
TEST = DEV | {
    "shared_buffers": "'128MB'",
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "'4GB'",
    "checkpoint_timeout": "'1h'",
    "log_min_duration_statement": "-1",
}

# The settings under which docs/performance.md was measured.
BENCH = COMMON | {
    "shared_buffers": "'4GB'",
    "work_mem": "'64MB'",
    "maintenance_work_mem": "'1GB'",
    "effective_cache_size": "'12GB'",
    "max_wal_size": "'8GB'",
    "checkpoint_timeout": "'30min'",
    "max_parallel_workers_per_gather": "1",
}

PROFILES = {"dev": DEV, "test": TEST, "bench": BENCH}
