#!/bin/sh
# Twelve times the stream of outbound-by-partition.yaml, in one process. A stream is named after its file.
#   outbound-by-partition.sh [COMMAND]      redpanda-connect unless told
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for number in 1 2 3 4 5 6 7 8 9 10 11 12; do
  ln -s "$here/outbound-by-partition.yaml" "$folder/partition-$number.yaml"
done
"${1:-redpanda-connect}" streams --no-api "$folder"/*.yaml &
streams=$!
trap 'kill -TERM "$streams"' TERM INT
wait "$streams"
# The first wait ends with the signal, this one with the process.
wait "$streams"
