curl --etag-compare scores.etag --etag-save scores.etag --output scores.json \
     "http://127.0.0.1:8001/api/v1/scores?peer_group=departement&node=index"
