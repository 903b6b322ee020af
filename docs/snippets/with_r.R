# A copy of a dataset in R: in full at first, from then on by what has changed. R's own functions show no
# header of an answer, so it pulls by pages of JSON, whose last page has the token.
#
#     QA=http://localhost:8000 TOKEN=... Rscript with_r.R audits
#
# Keeps audits.csv and the token for the next run in the current directory.

library(jsonlite)

name <- commandArgs(trailingOnly = TRUE)[1]
copy <- paste0(name, ".csv")
kept <- paste0(name, ".token")

ask <- function(query) {
  address <- paste0(Sys.getenv("QA"), "/v1/reporting/", name, "?limit=5000", query)
  answer <- url(address, headers = c(Authorization = paste("Bearer", Sys.getenv("TOKEN"))))
  on.exit(close(answer))
  fromJSON(paste(readLines(answer, encoding = "UTF-8", warn = FALSE), collapse = "\n"))
}

pull <- function(query) {
  pages <- list()
  further <- query
  repeat {
    page <- ask(further)
    if (length(page$items) > 0) pages[[length(pages) + 1]] <- page$items
    if (is.null(page$next_cursor)) break
    further <- paste0(query, "&cursor=", page$next_cursor)
  }
  list(rows = do.call(rbind, pages), token = page$changes_token)
}

if (file.exists(kept)) {
  pulled <- pull(paste0("&changed_since=", readLines(kept)))
  rows <- read.csv(copy, colClasses = "character", na.strings = "")
  changes <- pulled$rows
  if (!is.null(changes)) {
    changes[] <- lapply(changes, as.character)
    rows <- rbind(rows[!rows$id %in% changes$id, ], changes)
  }
} else {
  pulled <- pull("")
  rows <- pulled$rows
  rows[] <- lapply(rows, as.character)
}
rows <- rows[rows$is_deleted == "FALSE", ]
write.csv(rows, copy, row.names = FALSE, na = "")
writeLines(pulled$token, kept)
cat(name, ": ", nrow(rows), " rows\n", sep = "")
