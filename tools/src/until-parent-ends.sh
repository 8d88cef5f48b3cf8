#!/bin/sh
# Runs a command until standard input closes. The other end of that pipe is held by the process that wants the command, so
# the command ends with it, even by kill -9. A shell, because it also outlives a kill of every node process.
# KILL_AFTER: seconds between SIGTERM and SIGKILL. REMOVE_AFTER: a temporary folder to remove once standard input has
# closed, or nothing; when the command ends by itself, the parent is there to look into it and to remove it.
exec 3<&0
"$@" </dev/null 3<&- &
child=$!

{
  while read -r _; do :; done <&3
  trap '' TERM
  kill -TERM "$child"
  tries=0
  while [ $tries -lt $((KILL_AFTER * 5)) ] && kill -0 "$child"; do
    sleep 0.2
    tries=$((tries + 1))
  done
  kill -KILL "$child"
  if [ -n "$REMOVE_AFTER" ]; then rm -rf "$REMOVE_AFTER"; fi
} 2>/dev/null &

wait "$child"
code=$?
# The watcher, while it only waits, and what the command left in our process group.
trap '' TERM
kill -TERM 0
wait
exit $code
