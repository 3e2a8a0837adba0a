#!/bin/sh
# A Slurm cluster of two nodes on this machine, from Debian's packages (slurmctld, slurmd, slurm-client, munge).
# Usage: slurm-cluster.sh start|stop <folder>. It needs root, as slurmd does. Ends with 77 where it cannot be had.
# SLURM_CLUSTER_ACCOUNTING=yes: with accounting (slurmdbd, mariadb-server), and squeue forgets a job after two seconds.
set -eu
act=$1
dir=$2
for program in slurmctld slurmd munged sbatch; do
  command -v "$program" >/dev/null || PATH="$PATH:/usr/sbin"
  command -v "$program" >/dev/null || { echo "No $program: apt-get install slurmctld slurmd slurm-client munge" >&2; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "Only root can start slurmd." >&2; exit 77; }

# Returns when the last of them is gone: the controller writes its state as it ends, into a folder about to be removed.
stop() {
  pids=$(cat "$dir"/*.pid 2>/dev/null) || true
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  for pid in $pids; do
    for _ in $(seq 300); do
      # A process that nobody has waited for still answers a signal, and writes nothing any more.
      grep -q '^State:.*[^Z] (' "/proc/$pid/status" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
  done
}

start_accounting() {
  mariadb-install-db --no-defaults --datadir="$dir/db" --user=root --auth-root-authentication-method=normal >/dev/null
  mariadbd --no-defaults --datadir="$dir/db" --user=root --socket="$dir/db.sock" --pid-file="$dir/mariadbd.pid" \
    --bind-address=127.0.0.1 --port=$((13306 + offset)) >"$dir/mariadbd.log" 2>&1 &
  for _ in $(seq 300); do
    mariadb --no-defaults --socket="$dir/db.sock" --execute='SELECT 1' >/dev/null 2>&1 && break
    sleep 0.1
  done
  mariadb --no-defaults --socket="$dir/db.sock" --execute="CREATE USER slurm@'127.0.0.1' IDENTIFIED BY 'slurm';
    GRANT ALL ON slurm_acct_db.* TO slurm@'127.0.0.1'"
  cat > "$dir/slurmdbd.conf" <<CONF
AuthType=auth/munge
AuthInfo=socket=$dir/munge/socket
DbdHost=$host
DbdAddr=127.0.0.1
DbdPort=$((16819 + offset))
SlurmUser=root
PidFile=$dir/slurmdbd.pid
LogFile=$dir/slurmdbd.log
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=$((13306 + offset))
StorageUser=slurm
StoragePass=slurm
CONF
  chmod 600 "$dir/slurmdbd.conf"
  SLURM_CONF="$dir/slurmdbd.conf" slurmdbd
  for _ in $(seq 300); do
    sacctmgr --immediate add cluster bilevel >/dev/null 2>&1 && break
    sleep 0.1
  done
}

if [ "$act" = stop ]; then
  stop
  exit 0
fi

mkdir -p "$dir/state" "$dir/node1" "$dir/node2" "$dir/munge"
chmod 700 "$dir/munge"
[ -f "$dir/munge.key" ] || head -c 1024 /dev/urandom > "$dir/munge.key"
chmod 600 "$dir/munge.key"
host=$(hostname -s)
# Several clusters at a time want ports of their own.
offset=${SLURM_CLUSTER_PORTS:-0}
forgets=300
accounting=
if [ -n "${SLURM_CLUSTER_ACCOUNTING:-}" ]; then
  forgets=2
  accounting="AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$((16819 + offset))
AccountingStoragePass=$dir/munge/socket
JobAcctGatherType=jobacct_gather/linux"
fi
cat > "$dir/slurm.conf" <<CONF
ClusterName=bilevel
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$((16817 + offset))
AuthType=auth/munge
# A job that is queued again waits until its credential has expired: two minutes, unless it is said.
AuthInfo=socket=$dir/munge/socket,cred_expire=20
CryptoType=crypto/munge
SlurmUser=root
StateSaveLocation=$dir/state
SlurmctldPidFile=$dir/slurmctld.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdPidFile=$dir/%n.pid
SlurmdLogFile=$dir/%n.log
SlurmdSpoolDir=$dir/%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdTimeout=20
InactiveLimit=0
KillWait=20
MinJobAge=$forgets
ReturnToService=2
JobRequeue=1
MpiDefault=none
SchedulerParameters=batch_sched_delay=1
GresTypes=gpu
NodeName=node[1-2] NodeHostname=$host NodeAddr=127.0.0.1 Port=[$((17001 + offset))-$((17002 + offset))] CPUs=1 Gres=gpu:1 State=UNKNOWN
PartitionName=main Nodes=node[1-2] Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
$accounting
CONF
# A card of each node that is none: Slurm hands it out, and sets CUDA_VISIBLE_DEVICES.
cat > "$dir/gres.conf" <<CONF
NodeName=node[1-2] Name=gpu Count=1 File=/dev/null
CONF
export SLURM_CONF="$dir/slurm.conf"
munged --force --key-file="$dir/munge.key" --socket="$dir/munge/socket" --pid-file="$dir/munged.pid" \
  --log-file="$dir/munged.log" --seed-file="$dir/munge/seed"
if [ -n "$accounting" ]; then start_accounting; fi
slurmctld -f "$dir/slurm.conf"
slurmd -f "$dir/slurm.conf" -N node1
slurmd -f "$dir/slurm.conf" -N node2
for _ in $(seq 30); do
  [ "$(sinfo --noheader --format=%T --states=idle 2>/dev/null)" = idle ] && { sinfo --noheader --Node; exit 0; }
  sleep 1
done
echo "The nodes do not come up; see $dir/*.log" >&2
exit 1
