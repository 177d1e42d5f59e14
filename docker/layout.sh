#!/usr/bin/env bash
# Lays out in a plain folder what the image holds and starts its command line there, to see without a
# container engine that the image would start:
#
#   docker/layout.sh /tmp/image && /tmp/image/maskstream run /tmp/image/topologies/street-demo.yaml --seconds 20
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
to="${1:?usage: docker/layout.sh FOLDER}"
(cd "$root" && ./mvnw --quiet --batch-mode -DskipTests -Dspotless.check.skip=true package)
mkdir -p "$to/target"
cp -r "$root/target/lib" "$to/target/"
cp -r "$root/models" "$root/topologies" "$root/maskstream" "$to/"
cp "$root/target/maskstream.jar" "$to/target/"
"$to/maskstream" --version
