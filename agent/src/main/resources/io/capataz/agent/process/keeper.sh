#!/bin/sh
# The keeper of one run, for hosts that cannot run the native one (src/main/c/capataz-keeper.c). Uses
# the same files, which are documented there. Requires util-linux and coreutils.
#
#   sh keeper.sh FOLDER
#
# FOLDER/keeper/order contains the settings used below, FOLDER/keeper/command the variables and the
# words of the script. Both are data and are never interpreted as shell text. Limitations: does not distinguish `exit 143` from a termination by SIGTERM (it records
# the exit code that a shell sees); without a control group it does not find processes that left the
# session and cleared their environment; does not record the order of output.
set -u
LC_ALL=C
export LC_ALL
script_file=$0

# pump STREAM: stores standard input in the stream's file until that is full, and the end of the rest
# in another. Reads on if the disk is full, so that the script does not block.
if [ "$1" = pump ]; then
  run=$2 stream=$3 head=$4 tail=$5
  # Unbuffered, so that output is visible at once.
  stdbuf -o0 head -c "$head" >"$run/$stream" 2>/dev/null &&
    dd bs=65536 2>"$run/keeper/$stream.rest" | tail -c "$tail" >"$run/$stream.tail"
  exec cat >/dev/null
fi

run=$1
kept=$run/keeper
umask 077

# Before anybody can know this process and signal it.
stop_asked= time_is_up=
trap 'stop_asked=1' USR1
trap 'stop_asked=host' TERM
trap 'time_is_up=1' ALRM
trap '' HUP INT

# In a subshell, because the reader may be gone and SIGPIPE must not end the keeper.
report() {
  (echo "$*") 2>/dev/null
  exec >/dev/null
}

fail() {
  trap - EXIT
  report failed "$1" "$2"
  if [ -e "$kept/exit.new" ]; then
    printf 'failed %s %s\nend\n' "$1" "$2" | record
  fi
  exit 1
}

# The record overwrites the file reserved for it, so that it needs no disk space.
record() {
  until dd of="$kept/exit.new" bs=16k conv=notrunc,fsync 2>/dev/null &&
    mv "$kept/exit.new" "$kept/exit"; do
    [ -d "$kept" ] || exit 0
    sleep 0.2
  done
  sync "$kept" 2>/dev/null
}

ticks() {
  read -r line <"/proc/$1/stat" || return 1
  set -- ${line##*) }
  shift 19
  echo "$1"
}

# Hundredths of a second since boot, by a monotonic clock.
now() {
  read -r seconds _ </proc/uptime
  echo "${seconds%.*}${seconds#*.}"
}

# A shell that cannot fork exits, and can report that only with builtins.
trap 'echo failed process 11' EXIT

# Defines next, which reads a record into `key` and `value`: a line with the key and the number of
# line feeds in the value, then the value.
reader='
newline="
"
next() {
  IFS=" " read -r key lines || return 1
  IFS= read -r value || return 1
  while [ "$lines" -gt 0 ]; do
    IFS= read -r line || return 1
    value=$value$newline$line
    lines=$((lines - 1))
  done
}
'
eval "$reader"

user= open_files= file_bytes= user_processes=
while next; do
  case $key in
    timeout) timeout=$value ;;
    grace) grace=$value ;;
    signal) signal=$value ;;
    main_first) main_first=$value ;;
    head) head=$value ;;
    tail) tail=$value ;;
    directory) directory=$value ;;
    program) program=$value ;;
    join) join=$value ;;
    kill_folder) kill_folder=$value ;;
    containment) containment=$value ;;
    marker) marker=$value ;;
    open_files) open_files=$value ;;
    file_bytes) file_bytes=$value ;;
    user_processes) user_processes=$value ;;
    user) user=$value ;;
    group) group=$value ;;
    groups) groups=$value ;;
  esac
done <"$kept/order" || fail order 2
read -r boot </proc/sys/kernel/random/boot_id
echo "$$ $(ticks $$) $boot" >"$kept/begin.$$" || fail begin 28
ln "$kept/begin.$$" "$kept/begin" 2>/dev/null || fail begin 17
rm -f "$kept/begin.$$"
dd if=/dev/zero of="$kept/exit.new" bs=16k count=1 2>/dev/null || fail output 28
mkfifo "$kept/stdout.in" "$kept/stderr.in" || fail output 28
: >"$run/stdout" && : >"$run/stderr" || fail output 28
[ -e "$program" ] || fail program 2
[ -f "$program" ] && [ -x "$program" ] || fail program 13

setsid sh "$script_file" pump "$run" stdout "$head" "$tail" <"$kept/stdout.in" >/dev/null 2>&1 &
stdout_pump=$!
setsid sh "$script_file" pump "$run" stderr "$head" "$tail" <"$kept/stderr.in" >/dev/null 2>&1 &
stderr_pump=$!

setsid=$(command -v setsid) && env=$(command -v env) || fail program 2
set -- "$setsid"
# Limits are only lowered. prlimit of util-linux is everywhere but on the smallest systems.
prlimit=$(command -v prlimit) || prlimit=
if [ -n "$prlimit" ] && [ -n "$open_files" ]; then
  set -- "$@" "$prlimit" --core=0
  most=$(ulimit -Hn)
  if [ "$most" = unlimited ] || [ "$most" -gt "$open_files" ]; then
    set -- "$@" "--nofile=$open_files"
  fi
  if [ "$(ulimit -Hf)" = unlimited ]; then set -- "$@" "--fsize=$file_bytes"; fi
  if [ -n "$user_processes" ]; then set -- "$@" "--nproc=$user_processes"; fi
fi
if [ -n "$user" ]; then
  setpriv=$(command -v setpriv) || fail user 1
  set -- "$@" "$setpriv" "--reuid=$user" "--regid=$group" "--groups=$groups" --no-new-privs
fi
set -- "$@" "$env" -i /bin/sh

# Becomes the script. It runs as the script's user already, since its variables may affect every
# program. They are exported one by one from the arguments, which uses no variable that one of them
# could replace. env sets the variables that shells do not allow to be set, and restores SIGINT and
# SIGQUIT, which shells ignore in background processes.
starter=$reader'
env=$1
shift
while next; do
  if [ -z "$value" ] && [ "$key" = variable ]; then
    set -- "$@" "" "$env" --default-signal=INT,QUIT
  else
    set -- "$@" "$value"
  fi
done
exec </dev/null
unset PWD OLDPWD SHLVL
while [ -n "$1" ]; do
  export "$1"
  shift
done
shift
exec "$@"
'

start() {
  trap - USR1 TERM ALRM HUP INT
  for procs in $join; do
    echo 0 >"$procs" || exit 125
  done
  cd "$directory" || exit 125
  exec "$@" -c "$starter" script "$env"
}

started=$(now)
# The file may hold secrets, so it goes as soon as it is open.
exec 8<"$kept/command" || fail order 2
rm -f "$kept/command"
start "$@" >"$kept/stdout.in" 2>"$kept/stderr.in" <&8 8<&- &
script=$!
exec 8<&-
echo "$script $(ticks "$script")" >>"$kept/begin"
report started "$script"
trap - EXIT

# alarm SECONDS: sends SIGALRM to this keeper after that time, unless it is called again.
alarm_group=
alarm() {
  [ -z "$alarm_group" ] || kill -s KILL -- "$alarm_group" "-$alarm_group" 2>/dev/null
  setsid sh -c 'sleep "$1"; kill -s ALRM "$2"' alarm "$1" $$ >/dev/null 2>&1 &
  alarm_group=$!
}

# Whether the script's pid still identifies its session and group. It cannot be reused while they have
# members; later it may be the pid of another process, since the script was waited for.
is_ours() {
  [ -z "$over" ] || ! lives "$script"
}

# Live processes in the script's session: pid and process group.
in_session() {
  is_ours || return 0
  cat /proc/[0-9]*/stat 2>/dev/null |
    awk -v session="$script" '{ pid = $1; sub(/^.*\) /, "")
      if ($4 == session && $1 != "Z" && $1 != "X") print pid, $3 }'
}

# The pids of live processes of the run. Control groups and their subgroups list them. One v2 group is
# sufficient; otherwise processes are also found by session, and by the variable that is unique to the
# run.
left() {
  {
    for procs in $join; do
      grep -rhs --include=cgroup.procs '' "${procs%/*}"
    done
    if [ -z "$kill_folder" ]; then
      in_session | cut -d' ' -f1
      grep -lsz "^CAPATAZ_RUN=$marker\$" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3
    fi
  } | sort -un | while read -r pid; do
    if lives "$pid"; then echo "$pid"; fi
  done
}

# Whether a process in the script's group can be signalled, other than an ended one that was not waited
# for yet.
group_lives() {
  is_ours && kill -s 0 -- "-$script" 2>/dev/null &&
    ! cat /proc/[0-9]*/stat 2>/dev/null |
    awk -v group="$script" '{ sub(/^.*\) /, ""); if ($3 == group && $1 == "Z") dead = 1 }
      END { exit !dead }'
}

# none_left: whether no process of the run is left; else `found` lists them. Control groups are
# reliable, and so is the kernel about the script's own group. A scan of /proc often misses processes
# that fork and exit every few milliseconds, so a single scan is only trusted if nothing had to be
# ended.
found=
none_left() {
  looks=1
  [ -z "$signals" ] || looks=10
  if [ -n "$join" ]; then
    looks=1
  elif group_lives; then
    found=$(left)
    return 1
  fi
  while [ "$looks" -gt 0 ]; do
    found=$(left)
    [ -z "$found" ] || return 1
    looks=$((looks - 1))
  done
}

over=
signals=
# send SIGNAL WHY [main]
send() {
  signals="$signals
signal $1 $((($(now) - started) * 10000000)) $2"
  if [ "${3-}" = main ]; then
    [ -n "$over" ] || kill -s "$1" "$script" 2>/dev/null
  else
    send_all "$1"
  fi
}

send_all() {
  # One signal per process group, which also reaches processes that fork quickly.
  ! is_ours || kill -s "$1" -- "-$script" 2>/dev/null
  if [ "$1" = 9 ]; then
    if [ -w "$kill_folder/cgroup.kill" ]; then
      echo 1 >"$kill_folder/cgroup.kill"
    fi
    # Frozen processes do not fork, and die when thawed.
    freeze FROZEN
    for group in $(in_session | cut -d' ' -f2 | sort -un); do
      kill -s 9 -- "-$group" 2>/dev/null
    done
  fi
  for pid in $(left); do
    # Only once, because some programs treat a second SIGTERM differently.
    if ! in_group "$pid"; then
      kill -s "$1" "$pid" 2>/dev/null
    fi
  done
  [ "$1" != 9 ] || freeze THAWED
}

# in_group PID: whether a process is in the script's process group.
in_group() {
  is_ours || return 1
  read -r line 2>/dev/null <"/proc/$1/stat" || return 1
  set -- ${line##*) }
  [ "$3" = "$script" ]
}

# freeze STATE: sets the state of the control group, if it is v1 with a freezer.
freeze() {
  for procs in $join; do
    if [ -w "${procs%/*}/freezer.state" ]; then
      echo "$1" >"${procs%/*}/freezer.state"
    fi
  done
}

# Waits until the script has ended or a signal has arrived.
status=
look() {
  [ -z "$over" ] || return 0
  wait "$script"
  status=$?
  # A script that was waited for is gone from the table; one that was not is there, if as a zombie.
  kill -s 0 "$script" 2>/dev/null || over=1
}

# gone_within HUNDREDTHS: whether no process of the run is left within that time.
gone_within() {
  until=$(($(now) + $1))
  while :; do
    # Reaps the script without waiting for it.
    if [ -z "$over" ] && ! lives "$script"; then
      look
    fi
    [ -n "$over" ] && none_left && return 0
    [ "$(now)" -lt "$until" ] || return 1
    sleep 0.05
  done
}

lives() {
  read -r line 2>/dev/null <"/proc/$1/stat" || return 1
  case ${line##*) } in [ZX]*) return 1 ;; esac
}

finish() {
  if gone_within "$2"; then
    return
  fi
  send 9 "$1"
  last=$(($(now) + 200))
  until gone_within 2 || [ "$(now)" -ge "$last" ]; do
    send_all 9
  done
}

ending=
alarm "$timeout"
while [ -z "$over" ] && [ -z "$ending" ]; do
  look
  if [ -n "$over" ]; then
    :
  elif [ "$stop_asked" = 1 ]; then
    stop_asked=
    if [ -r "$kept/stop" ]; then
      read -r ending nanoseconds <"$kept/stop"
      grace=$((nanoseconds / 10000000))
    fi
  elif [ "$stop_asked" = host ]; then
    ending=SHUTDOWN
  elif [ -n "$time_is_up" ]; then
    ending=TIMEOUT
  fi
done
kill -s KILL -- "$alarm_group" "-$alarm_group" 2>/dev/null

if [ -n "$ending" ]; then
  if [ "$main_first" = 1 ]; then send "$signal" "$ending" main; else send "$signal" "$ending"; fi
  finish "$ending" "$grace"
  ran=$(($(now) - started))
else
  ran=$(($(now) - started))
  if ! gone_within 20; then
    send 15 LEFT_BEHIND
    finish LEFT_BEHIND 100
  fi
fi

last=$(($(now) + 50))
while { lives "$stdout_pump" || lives "$stderr_pump"; } && [ "$(now)" -lt "$last" ]; do
  sleep 0.02
done
kill -s KILL -- "-$stdout_pump" "-$stderr_pump" 2>/dev/null
rm -f "$kept/stdout.in" "$kept/stderr.in"

# count STREAM: bytes printed, bytes in the head file, offset of the oldest byte in the tail file.
count() {
  kept_bytes=$(($(wc -c <"$run/$1")))
  rest=$(awk '/ bytes / { print $1 }' "$kept/$1.rest" 2>/dev/null)
  echo "$1 $((kept_bytes + ${rest:-0})) $kept_bytes 0"
}

{
  if [ -n "$over" ]; then echo "exited $status"; else echo unended; fi
  echo "ran $((ran * 10000000))"
  [ -z "$ending" ] || echo "ending $ending"
  echo "containment $containment"
  [ -z "$signals" ] || echo "${signals#?}"
  count stdout
  count stderr
  if [ -n "$signals" ] && ! none_left; then
    for pid in $found; do
      echo "survivor $pid $(tr '\000\n' '  ' <"/proc/$pid/cmdline" 2>/dev/null | cut -c1-200)"
    done
  fi
  echo end
} | record
