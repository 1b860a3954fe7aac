import os
import requests

def execTask(task_id, access_token):
  url = "http://127.0.0.1:8080/job"

  body = {
    "customer": os.getenv("THEEYE_ORGANIZATION_NAME"),
    "task": task_id,
    "access_token": access_token
  }

  r = requests.post(url, body)
  return(r.json())

import sys
print(execTask(sys.argv[1], sys.argv[2]))
