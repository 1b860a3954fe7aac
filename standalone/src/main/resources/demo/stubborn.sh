#!/bin/sh
# A job that will not go: it hears SIGTERM and stays, and so does the process that it leaves in the background.
trap 'echo "SIGTERM heard. I stay."' TERM
(trap "" TERM; exec sleep 300) &
echo "processes $$ $!"
while :; do
  sleep 0.2
done
