# Sourced by ./mvnw and ./capataz: sets JAVA_HOME to a JDK 25 or newer where one can be found, and leaves it
# alone otherwise, so that the caller can say in its own words what is missing. POSIX sh, no output.

# Prints the feature version of the JDK in $1 ("25"), or 0 when there is no javac or no release file.
capataz_jdk_version() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || { echo 0; return; }
  capataz_version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  echo "${capataz_version:-0}"
}

# Prints the home of the newest suitable JDK: JAVA_HOME first, then PATH, then the usual folders.
capataz_find_jdk() {
  if [ -n "${JAVA_HOME:-}" ] && [ "$(capataz_jdk_version "$JAVA_HOME")" -ge 25 ]; then
    echo "$JAVA_HOME"
    return
  fi
  capataz_javac=$(command -v javac 2>/dev/null) && capataz_javac=$(readlink -f "$capataz_javac" 2>/dev/null) &&
    capataz_home=${capataz_javac%/bin/javac} && [ "$(capataz_jdk_version "$capataz_home")" -ge 25 ] && {
    echo "$capataz_home"
    return
  }
  for capataz_folder in /usr/lib/jvm /usr/java /opt /opt/java "${HOME:-/nonexistent}/.sdkman/candidates/java" \
    "${HOME:-/nonexistent}/.jdks" /Library/Java/JavaVirtualMachines; do
    [ -d "$capataz_folder" ] || continue
    find -L "$capataz_folder" -maxdepth 4 -type f -path '*/bin/javac' 2>/dev/null
  done | while IFS= read -r capataz_javac; do
    capataz_home=${capataz_javac%/bin/javac}
    capataz_version=$(capataz_jdk_version "$capataz_home")
    [ "$capataz_version" -ge 25 ] && echo "$capataz_version $capataz_home"
  done | sort -n | head -n 1 | cut -d ' ' -f 2-
}

capataz_jdk=$(capataz_find_jdk)
if [ -n "$capataz_jdk" ]; then
  JAVA_HOME=$capataz_jdk
  export JAVA_HOME
fi
