#!/bin/bash

# The task that is asked for.
task_id="61098ee1a3013300120c687b"

curl -sS "http://127.0.0.1:8080/$THEEYE_ORGANIZATION_NAME/task/${task_id}?access_token=$THEEYE_TOKEN"
