#!/bin/sh
# A job like any other: it has arguments and an environment, writes to both outputs and takes a while.
echo "Hello, $1! I am process $$ on $(uname -n), attempt $CAPATAZ_ATTEMPT of job $CAPATAZ_JOB_ID."
echo "GREETING, from the task's env, is '$GREETING'."
step=1
while [ "$step" -le "$2" ]; do
  sleep 0.5
  echo "step $step of $2"
  step=$((step + 1))
done
echo "This line went to stderr." >&2
echo "Done."
