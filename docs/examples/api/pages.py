import json
from urllib.request import urlopen

url = "http://127.0.0.1:8001/api/v1/scores?peer_group=departement&node=index&size=1000"
rows = []
while url:
    with urlopen(url) as answer:
        page = json.load(answer)
    rows += page["data"]
    url = page["links"].get("next")

for row in rows[:3]:
    print(row["ref_area"], row["score"], row["rank"])
