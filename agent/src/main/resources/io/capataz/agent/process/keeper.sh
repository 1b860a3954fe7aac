#!/bin/sh
# The keeper of one run, for hosts on which the native one (src/main/c/capataz-keeper.c) cannot be
# used. It makes and reads the same files, which are told there, and needs util-linux and coreutils.
#
#   sh keeper.sh FOLDER
#
# FOLDER/keeper/order.sh sets what is used below, FOLDER/keeper/environment.sh exports the script's
# variables. What it cannot do: tell `exit 143` from death by SIGTERM (it records the exit code a
# shell sees), find what has left the session with an emptied environment where there is no control
# group, say when which line was printed.
set -u
LC_ALL=C
export LC_ALL
script_file=$0

# pump STREAM: what comes in goes into the stream's file, until it is full, then the end of the rest
# into another. Without room it is read all the same, so that the script does not block.
if [ "$1" = pump ]; then
  run=$2 stream=$3 head=$4 tail=$5
  # Unbuffered, so that it is seen at once.
  stdbuf -o0 head -c "$head" >"$run/$stream" 2>/dev/null &&
    dd bs=65536 2>"$run/keeper/$stream.rest" | tail -c "$tail" >"$run/$stream.tail"
  exec cat >/dev/null
fi

run=$1
kept=$run/keeper
umask 077

# Before anybody can learn of this process and send it something.
stop_asked= time_is_up=
trap 'stop_asked=1' USR1
trap 'stop_asked=host' TERM
trap 'time_is_up=1' ALRM
trap '' HUP INT

# Whoever listened may be gone: a subshell can die of that alone.
tell() {
  (echo "$*") 2>/dev/null
  exec >/dev/null
}

fail() {
  trap - EXIT
  tell failed "$1" "$2"
  if [ -e "$kept/exit.new" ]; then
    printf 'failed %s %s\nend\n' "$1" "$2" | record
  fi
  exit 1
}

# The record takes the place that was kept for it, so that it needs no room.
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

# Hundredths of a second since the host's start; no clock that anybody sets.
now() {
  read -r seconds _ </proc/uptime
  echo "${seconds%.*}${seconds#*.}"
}

# A shell that cannot fork ends by itself, and can tell so only by what needs no process.
trap 'echo failed process 11' EXIT

. "$kept/order.sh" || fail order 2
read -r boot </proc/sys/kernel/random/boot_id
echo "$$ $(ticks $$) $boot" >"$kept/begin.$$" || fail begin 28
ln "$kept/begin.$$" "$kept/begin" 2>/dev/null || fail begin 17
rm -f "$kept/begin.$$"
dd if=/dev/zero of="$kept/exit.new" bs=16k count=1 2>/dev/null || fail output 28
mkfifo "$kept/stdout.in" "$kept/stderr.in" || fail output 28
: >"$run/stdout" && : >"$run/stderr" || fail output 28
[ -x "$program" ] || fail program 2

setsid sh "$script_file" pump "$run" stdout "$head" "$tail" <"$kept/stdout.in" >/dev/null 2>&1 &
stdout_pump=$!
setsid sh "$script_file" pump "$run" stderr "$head" "$tail" <"$kept/stderr.in" >/dev/null 2>&1 &
stderr_pump=$!

setsid=$(command -v setsid) && env=$(command -v env) || fail program 2
if [ -n "$drop" ]; then
  drop=$(command -v setpriv)${drop#setpriv}
fi
start() {
  trap - USR1 TERM ALRM HUP INT
  for procs in $join; do
    echo 0 >"$procs" || exit 125
  done
  cd "$directory" || exit 125
  # Whose words those are is settled before the script's variables come, IFS among them maybe.
  set -- "$setsid" $drop "$@"
  # Exports all variables but those that a shell does not let itself be told, and puts `env` in
  # front, which does that; and which hears SIGINT and SIGQUIT, unlike what a shell runs beside it.
  unset LC_ALL PWD OLDPWD
  . "$kept/environment.sh"
  exec "$@"
}

started=$(now)
start "$@" >"$kept/stdout.in" 2>"$kept/stderr.in" </dev/null &
script=$!
echo "$script $(ticks "$script")" >>"$kept/begin"
tell started "$script"
trap - EXIT

# alarm SECONDS: SIGALRM to this keeper after that long, unless it is called again.
alarm_group=
alarm() {
  [ -z "$alarm_group" ] || kill -s KILL -- "-$alarm_group" 2>/dev/null
  setsid sh -c 'sleep "$1"; kill -s ALRM "$2"' alarm "$1" $$ >/dev/null 2>&1 &
  alarm_group=$!
}

# Whether the script's number still means its session and group. While anybody is in them nobody else
# gets it; later it is a stranger's who has it as process id, since the script was waited for.
is_ours() {
  [ -z "$over" ] || ! lives "$script"
}

# What lives in the script's session: process and group.
in_session() {
  is_ours || return 0
  cat /proc/[0-9]*/stat 2>/dev/null |
    awk -v session="$script" '{ pid = $1; sub(/^.*\) /, "")
      if ($4 == session && $1 != "Z" && $1 != "X") print pid, $3 }'
}

# The ids of what lives of the run. Its control groups know, with those that were made within them.
# One of v2 is enough; otherwise they are looked for by session as well, and by the variable that no
# other run has.
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

# Whether somebody in the script's group can be sent signals, and it is not the dead of whom nobody has
# heard yet.
group_lives() {
  is_ours && kill -s 0 -- "-$script" 2>/dev/null &&
    ! cat /proc/[0-9]*/stat 2>/dev/null |
    awk -v group="$script" '{ sub(/^.*\) /, ""); if ($3 == group && $1 == "Z") dead = 1 }
      END { exit !dead }'
}

# none_left: whether nothing of the run lives; else `found` has what does. A control group is sure of
# that, and the kernel is of the script's own group. A look through /proc misses what forks and ends
# every few milliseconds more often than not, so one look is believed only as long as nothing had to
# be told to end.
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
  # One stroke for each group, in which what forks faster than it is looked for stays.
  ! is_ours || kill -s "$1" -- "-$script" 2>/dev/null
  if [ "$1" = 9 ]; then
    if [ -w "$kill_folder/cgroup.kill" ]; then
      echo 1 >"$kill_folder/cgroup.kill"
    fi
    # What is frozen does not fork, and dies when it is thawed.
    freeze FROZEN
    for group in $(in_session | cut -d' ' -f2 | sort -un); do
      kill -s 9 -- "-$group" 2>/dev/null
    done
  fi
  for pid in $(left); do
    # Once is enough: a second SIGTERM means more to some programs than the first.
    if ! in_group "$pid"; then
      kill -s "$1" "$pid" 2>/dev/null
    fi
  done
  [ "$1" != 9 ] || freeze THAWED
}

# in_group PID: whether a process is in the script's own group.
in_group() {
  is_ours || return 1
  read -r line 2>/dev/null <"/proc/$1/stat" || return 1
  set -- ${line##*) }
  [ "$3" = "$script" ]
}

# freeze STATE: of the control group, where it is one of v1 that can.
freeze() {
  for procs in $join; do
    if [ -w "${procs%/*}/freezer.state" ]; then
      echo "$1" >"${procs%/*}/freezer.state"
    fi
  done
}

# The script has ended, or a signal has come: waits for one of them.
status=
look() {
  [ -z "$over" ] || return 0
  wait "$script"
  status=$?
  # A script that was waited for is gone from the table; one that was not is there, if as a zombie.
  kill -s 0 "$script" 2>/dev/null || over=1
}

# gone_within HUNDREDTHS: whether nothing of the run lives before that long is over.
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
kill -s KILL -- "-$alarm_group" 2>/dev/null

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

# count STREAM: bytes printed, bytes in the head's file, where the tail begins in its own.
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
