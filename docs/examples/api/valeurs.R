url <- "http://127.0.0.1:8001/api/v1/observations.csv?ref_area=DEP-68&indicator=couverture-fibre"
rows <- read.csv(url, colClasses = c(time_period = "character"), na.strings = "", encoding = "UTF-8")
tail(rows[, c("time_period", "obs_value", "obs_status")])
