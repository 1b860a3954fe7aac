import os
import requests

url = "http://127.0.0.1:8080/" + os.getenv("THEEYE_ORGANIZATION_NAME") + "/task"

params = {"access_token": os.getenv("THEEYE_TOKEN")}

r = requests.get(url, params)

print(r.json())
