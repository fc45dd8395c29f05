curl --output observations.csv "http://127.0.0.1:8001/api/v1/observations.csv?level=DEP"
