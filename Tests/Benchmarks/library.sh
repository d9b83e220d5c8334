# What the benchmarks share: sourced, with the repository as the working directory.

roost=$PWD/.build/release/roost
measure=$PWD/.build/release/roost-bench
cluster=Tests/TestSupport/cluster
job=Tests/Benchmarks/job/job.yaml
as_of=2026-06-01
tables="users orders events complaints"
# Each sets for its threads what it thinks best.
unset OMP_WAIT_POLICY GOMP_SPINCOUNT
export TIMEFORMAT='%R %U %S'

say() { printf '%s\n' "$@"; }
note() { printf '%s\n' "$*" >&2; }
query() { psql -X -q -At -v ON_ERROR_STOP=1 "$SHOP_DATABASE_URL" "$@"; }

# Makes $folder and removes it, with any cluster in it, when the script ends.
open_folder() {
  folder=$(mktemp -d "${TMPDIR:-/tmp}/roost-bench.XXXXXX")
  # The server's own user must be able to reach its folder.
  chmod 755 "$folder"
  trap 'close_shop; rm -rf "$folder"' EXIT
}

# A private Postgres, durable as a real one, with a shop of so many users.
open_shop() {
  "$cluster" start "$folder/pg" --durable >/dev/null
  SHOP_DATABASE_URL=$("$cluster" url "$folder/pg" postgres)
  export SHOP_DATABASE_URL
  note "Filling a shop of $1 users ..."
  query -v users="$1" -f Tests/Benchmarks/shop.sql
  query -f Tests/Benchmarks/sql/figures.sql
}

close_shop() { "$cluster" stop "$folder/pg" >/dev/null 2>&1 || true; }

# Sends a table, or a range of its pages, to nowhere.
copy() {
  query -c "COPY (SELECT * FROM shop.$1 ${2:-}) TO STDOUT (FORMAT binary)" >/dev/null
}

# A table by two connections, each half of its pages.
copy_halves() {
  local middle other
  middle=$(query -c "SELECT pg_relation_size('shop.$1') / 8192 / 2")
  copy "$1" "WHERE ctid < '($middle,0)'" &
  other=$!
  copy "$1" "WHERE ctid >= '($middle,0)'"
  wait "$other"
}

copy_all() { for table in $tables; do copy "$table"; done; }

# The largest table in halves, the others one after the other beside them.
copy_all_by_two() {
  local middle other
  middle=$(query -c "SELECT pg_relation_size('shop.events') / 8192 / 2")
  (copy events "WHERE ctid < '($middle,0)'"; copy orders) &
  other=$!
  copy events "WHERE ctid >= '($middle,0)'"; copy users; copy complaints
  wait "$other"
}

# Runs a command with its output in $folder/out, and leaves its seconds and processor seconds in
# $took and $cpu.
timed() {
  if ! { time "$@" >"$folder/out" 2>"$folder/err"; } 2>"$folder/time"; then
    cat "$folder/out" "$folder/err" >&2
    exit 1
  fi
  read -r took cpu < <(tail -1 "$folder/time" | awk '{ print $1, $2 + $3 }')
}

# roost's night, whose figures go to the database.
roost_night() {
  local began
  began=$(date +%s.%N)
  timed "$roost" run "$job" --as-of "$as_of"
  query -c "SELECT figures.take_phases($1, $began, $cpu)" >/dev/null
  query -c "INSERT INTO figures.totals SELECT 'roost', $1, $took, $cpu,
    max((details ->> 'peak_megabytes')::float8)
    FROM roost.stages WHERE run_id = (SELECT max(run_id) FROM roost.runs)"
}

# The peer's night. Leaves the area under its model's curve in $auc.
peer_night() {
  local python=$1 repeat=$2
  timed "$python" Tests/Benchmarks/peer/peer.py "$SHOP_DATABASE_URL" "$as_of" "$folder/model"
  query -c "CREATE TEMPORARY TABLE said (line jsonb)" -c "\copy said FROM '$folder/out'" -c "
    INSERT INTO figures.phases
    SELECT 'peer', $repeat, line ->> 'phase', (line ->> 'seconds')::float8,
      (line ->> 'cpu')::float8, (line ->> 'rows')::int8
    FROM said WHERE line ->> 'phase' <> 'peak';
    INSERT INTO figures.totals
    SELECT 'peer', $repeat, $took, $cpu, (line ->> 'megabytes')::float8
    FROM said WHERE line ->> 'phase' = 'peak'"
  auc=$(sed -nE 's/.*"auc": ([0-9.]+).*/\1/p' "$folder/out")
}

# When and on what it was measured.
machine() {
  local memory processor version
  memory=$(awk '/MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo)
  processor=$(sed -nE 's/^model name[^:]*: *//p' /proc/cpuinfo | head -1)
  version=$(query -c "SHOW server_version" | cut -d' ' -f1)
  say "Measured on $(date -u +%F): $(nproc) cores (${processor:-unknown}), $memory GiB of memory," \
    "Postgres $version on the same machine."
}
