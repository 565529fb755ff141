"""A real Slurm of one node on loopback, from Debian's packages, without systemd or cgroups."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol")
SYSTEM = Path("/etc/slurm/slurm.conf")
"""Where jobs look for the configuration: they do not inherit SLURM_CONF."""
PATIENCE = 30.0
CONF = """\
ClusterName=loop
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
AuthType=auth/munge
AuthInfo=socket={state}/munge/socket
CredType=cred/munge
SlurmUser={user}
SlurmdUser={user}
StateSaveLocation={state}/saved
SlurmdSpoolDir={state}/spool
SlurmctldPidFile={state}/slurmctld.pid
SlurmdPidFile={state}/slurmd.pid
SlurmctldLogFile={state}/slurmctld.log
SlurmdLogFile={state}/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0
ReturnToService=2
InactiveLimit=0
KillWait=5
NodeName={host} NodeAddr=127.0.0.1 CPUs=8 RealMemory=16000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def why_not():
    """Return why no Slurm can be started here, or nothing."""
    os.environ["PATH"] += os.pathsep + "/usr/sbin"
    if missing := [name for name in NEEDED if shutil.which(name) is None]:
        return f"not installed: {', '.join(missing)} (apt-get install slurm-wlm munge)"
    if os.geteuid() != 0:
        return "Slurm's daemons and /etc/slurm need root"
    if SYSTEM.exists() and not SYSTEM.is_symlink():
        return f"this machine has a Slurm of its own: {SYSTEM}"
    return ""


@contextlib.contextmanager
def running(state):
    """Start munge and Slurm with all their state in an empty folder; end them after the block."""
    for name in ("munge", "saved", "spool"):
        (state / name).mkdir(mode=0o700)
    conf = state / "slurm.conf"
    host = socket.gethostname().partition(".")[0]
    conf.write_text(CONF.format(host=host, user="root", state=state, ports=_ports(2)))
    SYSTEM.parent.mkdir(exist_ok=True)
    SYSTEM.unlink(missing_ok=True)
    SYSTEM.symlink_to(conf)
    munge = state / "munge"
    key = munge / "key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    daemons = [
        _start(
            ["munged", "--force", "--foreground", f"--key-file={key}", f"--socket={munge}/socket",
             f"--pid-file={munge}/pid", f"--log-file={munge}/log", f"--seed-file={munge}/seed"],
            until=(munge / "socket").exists,
        )
    ]  # fmt: skip
    try:
        daemons.append(_start(["slurmctld", "-D", "-f", str(conf)]))
        daemons.append(
            _start(["slurmd", "-D", "-f", str(conf), "-N", host], until=_idle)
        )
        yield
    finally:
        for job in _said("squeue", "--noheader", "--format=%i").split():
            _said("scancel", "--signal=KILL", job)
        for daemon in reversed(daemons):
            daemon.send_signal(signal.SIGTERM)
            try:
                daemon.wait(timeout=10)
            except subprocess.TimeoutExpired:
                daemon.kill()
        SYSTEM.unlink(missing_ok=True)


def _start(command, until=lambda: True):
    daemon = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )  # fmt: skip
    deadline = time.monotonic() + PATIENCE
    while not until():
        assert daemon.poll() is None, f"{command[0]} ended with {daemon.returncode}"
        assert time.monotonic() < deadline, f"{command[0]} does not answer"
        time.sleep(0.1)
    return daemon


def _idle():
    return "idle" in _said("sinfo", "--noheader", "--format=%T")


def _said(*command):
    return subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE
    ).stdout


def _ports(n):
    sockets = [socket.socket() for _ in range(n)]
    for number in sockets:
        number.bind(("127.0.0.1", 0))
    ports = [number.getsockname()[1] for number in sockets]
    for number in sockets:
        number.close()
    return ports
