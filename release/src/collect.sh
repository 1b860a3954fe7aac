#!/bin/sh
# collect.sh TARGET: puts everything that is released into TARGET/dist, with its digests.
set -eu
target=$1
here=$(cd "$(dirname "$0")" && pwd)
dist=$target/dist
rm -rf "$dist"
mkdir -p "$dist"
cp "$target"/*.tar.gz "$target"/*.deb "$target"/*.rpm "$here/docker/Dockerfile" "$dist"
cp "$here"/../../helm/target/capataz-*.tgz "$dist"
for sbom in "$here"/../../target/bom.json "$here"/../../target/bom.xml; do
  [ ! -f "$sbom" ] || cp "$sbom" "$dist"
done
cd "$dist"
sha256sum -- * >../SHA256SUMS
mv ../SHA256SUMS .
