#!/bin/bash

execTask () {
  task_id=$1
  access_token=$2

  body='{ "customer": "'"$THEEYE_ORGANIZATION_NAME"'", "task": "'"$task_id"'", "access_token": "'"$access_token"'" }'

  curl -sS \
    --request POST \
    --header "Accept: application/json" \
    --header "Content-Type: application/json" \
    --data "${body}" \
    --url "http://127.0.0.1:8080/job"
}

execTask "$1" "$2"
