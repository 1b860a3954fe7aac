#!/bin/sh
# runtime.sh FOLDER MODULES: links a Java runtime with these modules, by the JDK that runs Maven.
set -eu
. "$(dirname "$0")/../../.mvn/find-jdk.sh"
rm -rf "$1"
exec "$JAVA_HOME/bin/jlink" --add-modules "$2" --output "$1" --strip-java-debug-attributes --no-header-files --no-man-pages \
  --compress zip-6
