#!/bin/bash

curl -sS "http://127.0.0.1:8080/$THEEYE_ORGANIZATION_NAME/task?access_token=$THEEYE_TOKEN"
