import os
import requests

# The task that is asked for.
task_id = "61098ee1a3013300120c687b"

url = "http://127.0.0.1:8080/" + os.getenv("THEEYE_ORGANIZATION_NAME") + "/task/" + task_id

params = {"access_token": os.getenv("THEEYE_TOKEN")}

r = requests.get(url, params)

print(r.json())
