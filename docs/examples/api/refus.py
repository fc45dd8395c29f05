import json
from urllib.error import HTTPError
from urllib.request import urlopen

try:
    urlopen("http://127.0.0.1:8001/api/v1/observations?indicateur=couverture-fibre")
except HTTPError as refusal:
    problem = json.load(refusal)
    print(problem["title"], problem["detail"], problem["possible"])
