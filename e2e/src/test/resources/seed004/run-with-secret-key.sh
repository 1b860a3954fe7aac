#!/bin/bash

execTask () {
  task_id=$1
  task_secret_key=$2

  body='{ "customer": "'"$THEEYE_ORGANIZATION_NAME"'", "task": "'"$task_id"'" }'

  curl -sS \
    --request POST \
    --header "Accept: application/json" \
    --header "Content-Type: application/json" \
    --data "${body}" \
    --url "http://127.0.0.1:8080/job/secret/${task_secret_key}"
}

execTask "$1" "$2"
