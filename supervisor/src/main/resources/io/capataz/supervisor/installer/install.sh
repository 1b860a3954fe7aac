#!/bin/sh
# Installs the Capataz agent of the supervisor that served this script, and nothing from anywhere else.
# Run it again to upgrade: settings, identity and running scripts stay. Needs Java 25, and curl or wget.
set -eu
umask 022

SUPERVISOR='@SUPERVISOR@'
# The SHA-256 of the list of files, which has that of each file.
DIGEST='@DIGEST@'

usage() {
  cat <<'EOF'
Usage: sh install.sh --join-token-file FILE [options]

  --join-token-file FILE  the join token, needed once; or the variable CAPATAZ_JOIN_TOKEN
  --supervisor URL        the supervisor, if it is not the one that served this script
  --host NAME             the name of this host, if not the system's
  --ca-file FILE          certificates that may sign the supervisor's, as PEM
  --java DIR              the home of a Java 25 runtime, if JAVA_HOME and PATH have none
  --user                  for this user, without root
  --prefix DIR            everything below DIR, for trials and images
  --service WORD          auto, systemd or none; auto looks whether systemd runs
  --dry-run               say what would be done, and do nothing
  --uninstall             remove the agent; its data and identity stay
  --purge                 with --uninstall: remove data and identity, too
EOF
}

say() { printf '%s\n' "$*"; }
refuse() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
# Single quotes keep a word as it is where a shell reads it.
quoted() { printf "'%s'" "$1"; }
# NAME VALUE: settings and units are read by a shell and by systemd; what either might change is refused.
plain() {
  [ -z "$(printf '%s' "$2" | tr -d 'A-Za-z0-9:._/@+=,[]-')" ] ||
    refuse "$1 contains a blank or another character that is not supported: $2"
}
do_it() {
  if [ "$dry" = yes ]; then say "would run: $*"; else "$@"; fi
}

token_file='' host='' ca='' java='' prefix='' service=auto dry=no mode=system act=install purge=no
need() { [ $# -ge 2 ] || refuse "$1 needs a value."; }
while [ $# -gt 0 ]; do
  case $1 in
    --join-token-file) need "$@"; token_file=$2; shift ;;
    --token | --token=* | --join-token | --join-token=*)
      refuse "a token on the command line is shown to everybody who lists processes." \
        "Put it in a file and name that with --join-token-file, or in CAPATAZ_JOIN_TOKEN." ;;
    --supervisor) need "$@"; SUPERVISOR=$2; shift ;;
    --host) need "$@"; host=$2; shift ;;
    --ca-file) need "$@"; ca=$2; shift ;;
    --java) need "$@"; java=$2; shift ;;
    --prefix) need "$@"; prefix=$2; shift ;;
    --service) need "$@"; service=$2; shift ;;
    --user) mode=user ;;
    --dry-run) dry=yes ;;
    --uninstall) act=uninstall ;;
    --purge) purge=yes ;;
    --help | -h) usage; exit 0 ;;
    *) usage >&2; refuse "unknown option: $1" ;;
  esac
  shift
done

case $prefix in '' | /*) ;; *) prefix=$PWD/$prefix ;; esac

# Where things are.
if [ "$mode" = user ]; then
  : "${HOME:?}"
  program=$prefix${XDG_DATA_HOME:-$HOME/.local/share}/capataz-agent
  settings=$prefix${XDG_CONFIG_HOME:-$HOME/.config}/capataz-agent
  data=$prefix${XDG_STATE_HOME:-$HOME/.local/state}/capataz-agent
  units=$prefix${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user
else
  program=$prefix/usr/local/lib/capataz-agent
  settings=$prefix/etc/capataz-agent
  data=$prefix/var/lib/capataz-agent
  units=$prefix/etc/systemd/system
fi
unit=$units/capataz-agent.service
plain 'a folder' "$program$settings$data$units"

case $service in
  systemd | none) ;;
  auto) if [ -z "$prefix" ] && [ -d /run/systemd/system ] && have systemctl; then service=systemd; else service=none; fi ;;
  *) refuse "Invalid --service '$service': must be auto, systemd or none." ;;
esac
if [ "$mode" = system ] && [ -z "$prefix" ] && [ "$(id -u)" != 0 ] && [ "$dry" = no ]; then
  refuse "needs root. Run it with sudo, or install for this user alone with --user."
fi
# A folder that is being prepared belongs to no running system.
systemctl_() {
  [ "$service" = systemd ] && [ -z "$prefix" ] || return 0
  if [ "$mode" = user ]; then do_it systemctl --user "$@"; else do_it systemctl "$@"; fi
}

if [ "$mode" = system ] && [ -z "$prefix" ] && [ -d /usr/lib/capataz-agent ]; then
  refuse "the package capataz-agent is installed on this host. Upgrade or remove that with its package manager."
fi

if [ "$act" = uninstall ]; then
  if [ -f "$unit" ]; then systemctl_ disable --now capataz-agent.service; fi
  for gone in "$unit" "$settings" "$program" "$program.new" "$program.old"; do
    do_it rm -rf "$gone"
  done
  systemctl_ daemon-reload
  if [ "$purge" = yes ]; then
    do_it rm -rf "$data"
  else
    say "The agent's data and identity stay in $data; remove them with --uninstall --purge."
  fi
  [ "$dry" = yes ] || say "The agent is uninstalled. Its host stays in the list of hosts until an administrator removes it."
  exit 0
fi

case $SUPERVISOR in
  https://*) ;;
  http://127.*| http://localhost | http://localhost:* | http://\[::1\]*) ;;
  http://*) refuse "'$SUPERVISOR' would carry the agent's credential unprotected over the network. Use https." ;;
  *) refuse "Invalid supervisor address '$SUPERVISOR': must be complete, such as https://capataz.example.com." ;;
esac
plain --supervisor "$SUPERVISOR"
plain --host "$host"
case $ca in '' | /*) ;; *) ca=$PWD/$ca ;; esac
plain --ca-file "$ca"

sha256() { # FILE
  if have sha256sum; then
    sha256sum "$1" | cut -d ' ' -f 1
  elif have shasum; then
    shasum -a 256 "$1" | cut -d ' ' -f 1
  elif have openssl; then
    openssl dgst -sha256 -r "$1" | cut -d ' ' -f 1
  else
    refuse "cannot compute SHA-256: none of sha256sum, shasum and openssl is here."
  fi
}

fetch() { # PATH FILE DIGEST
  if have curl; then
    curl -fsS ${ca:+--cacert "$ca"} -o "$2" "$SUPERVISOR$1" || refuse "cannot fetch $SUPERVISOR$1."
  elif have wget; then
    wget -q ${ca:+--ca-certificate="$ca"} -O "$2" "$SUPERVISOR$1" || refuse "cannot fetch $SUPERVISOR$1."
  else
    refuse "neither curl nor wget is here."
  fi
  [ "$(sha256 "$2")" = "$3" ] ||
    refuse "$1 has another SHA-256 than the one expected, $3. Nothing was installed." \
      "If the supervisor was just upgraded, fetch this script again."
}

java_of() { # prints the java command of version 25 or later
  for candidate in "${java:+$java/bin/java}" "${JAVA_HOME:+$JAVA_HOME/bin/java}" "$(command -v java || :)"; do
    [ -n "$candidate" ] && [ -x "$candidate" ] || continue
    version=$("$candidate" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
    if [ "${version:-0}" -ge 25 ]; then
      printf '%s' "$candidate"
      return
    fi
  done
}
java_command=$(java_of)
[ -n "$java_command" ] ||
  refuse "no Java 25 or later was found. Install one, and name its home with --java if it is not on the PATH."
plain --java "$java_command"

token=${CAPATAZ_JOIN_TOKEN:-}
if [ -n "$token_file" ]; then
  [ -r "$token_file" ] || refuse "the join token's file $token_file cannot be read."
  token=$(cat "$token_file")
fi
if [ -z "$token" ] && [ ! -f "$data/credential" ] && [ ! -f "$settings/join.token" ]; then
  refuse "this host has no identity yet. Create a join token (capataz host join-token), and name its file with" \
    "--join-token-file, or put it in CAPATAZ_JOIN_TOKEN."
fi

if [ "$dry" = yes ]; then
  say "would fetch the agent from $SUPERVISOR/install/agent, list $DIGEST"
  say "would install it in $program, for $java_command"
  say "would write settings to $settings, and data to $data"
  if [ "$service" = systemd ]; then say "would start $unit"; else say "would not start it: no systemd"; fi
  exit 0
fi

# All of it is checked before anything that is there is touched.
fresh=$program.new
rm -rf "$fresh"
mkdir -p "$fresh/lib"
trap 'rm -rf "$fresh"' EXIT
trap 'exit 1' HUP INT TERM
fetch /install/agent "$fresh/SHA256SUMS" "$DIGEST"
while read -r digest name; do
  case $name in
    *..* | /* | *[!A-Za-z0-9._/-]*) refuse "the list of files has a name that cannot be: $name" ;;
  esac
  fetch "/install/agent/$name" "$fresh/$name" "$digest"
done <"$fresh/SHA256SUMS"
cat >"$fresh/run" <<EOF
#!/bin/sh
# Starts the agent with the settings of this installation.
set -a
. $(quoted "$settings/agent.env")
set +a
# A token may be good for other hosts. It goes as soon as this host has an identity that is newer.
token=$(quoted "$settings/join.token")
if [ -f "\$token" ] && [ -n "\$(find $(quoted "$data/credential") -newer "\$token" 2>/dev/null)" ]; then
  rm -f "\$token"
fi
if [ -f "\$token" ]; then set -- --join-token-file "\$token" "\$@"; fi
exec $(quoted "$java_command") --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \\
  -XX:+UseCompactObjectHeaders -XX:+ExitOnOutOfMemoryError -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xms8m -Xmx64m \\
  -jar $(quoted "$program/capataz-agent.jar") "\$@"
EOF
chmod 0755 "$fresh/run"

(
  umask 077
  mkdir -p "$settings"
  if [ -n "$token" ]; then printf '%s\n' "$token" >"$settings/join.token"; fi
  if [ ! -f "$settings/agent.env" ]; then
    {
      say "# Settings of the agent: NAME='value'. Read at its start; an upgrade leaves them alone."
      say "CAPATAZ_SUPERVISOR=$(quoted "$SUPERVISOR")"
      say "CAPATAZ_AGENT_DATA=$(quoted "$data")"
      [ -z "$host" ] || say "CAPATAZ_HOST=$(quoted "$host")"
      [ -z "$ca" ] || say "CAPATAZ_CA_FILE=$(quoted "$ca")"
    } >"$settings/agent.env"
  fi
)
mkdir -p "$(dirname "$data")"

rm -rf "$program.old"
if [ -d "$program" ]; then mv "$program" "$program.old"; fi
mv "$fresh" "$program"
rm -rf "$program.old"
trap - EXIT

if [ "$service" = systemd ]; then
  mkdir -p "$units"
  case $mode in
    user) wanted=default.target ;;
    *) wanted=multi-user.target ;;
  esac
  cat >"$unit" <<EOF
[Unit]
Description=Capataz agent: runs the jobs of this host
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
# Ready when its session is open; a supervisor that is away is waited for.
TimeoutStartSec=infinity
ExecStart=$program/run
WatchdogSec=90
Restart=always
RestartSec=2
# A control group for each run, and runs that go on while the agent is restarted or upgraded.
Delegate=yes
KillMode=process
TimeoutStopSec=60
TasksMax=infinity
LimitNOFILE=65536

[Install]
WantedBy=$wanted
EOF
  systemctl_ daemon-reload
  systemctl_ enable capataz-agent.service
  systemctl_ restart --no-block capataz-agent.service
  say "The agent is installed in $program, as the service capataz-agent."
else
  say "The agent is installed in $program. Start it with:"
  say "  $program/run"
fi
