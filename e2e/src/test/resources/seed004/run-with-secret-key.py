import os
import requests

def execTask(task_id, task_secret_key):
  url = "http://127.0.0.1:8080/job/secret/" + task_secret_key

  body = {
    "customer": os.getenv("THEEYE_ORGANIZATION_NAME"),
    "task": task_id
  }

  r = requests.post(url, body)
  return(r.json())

import sys
print(execTask(sys.argv[1], sys.argv[2]))
