curl "http://127.0.0.1:8001/api/v1/observations?ref_area=DEP-68&indicator=couverture-fibre"
