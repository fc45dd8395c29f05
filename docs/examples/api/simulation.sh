curl "http://127.0.0.1:8001/api/v1/scores?peer_group=departement&weights=mediation:3,infrastructures:1"
