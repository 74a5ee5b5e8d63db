# The logs, and verifying them.
logs-title = Logs
logs-about = Each author has a log of its own in each channel. Verifying reads a log again from its first entry and compares everything with what its author has signed.
logs-count = { $count ->
    [one] one log
   *[other] { $count } logs
}
logs-none = There is no log yet.
logs-none-next = Logs appear with the first agreement.
logs-verify = Verify
logs-verify-all = Verify everything
logs-archive = Archive
logs-archive-channel = Archive of this channel
logs-archive-all = Archive of everything
logs-running = A verification goes on
logs-caption = The long value under each author is the root of the log.
logs-author = Author
logs-entries = Entries
logs-signed = Signed up to
logs-newest = Newest entry came
logs-acts = Verify or keep
logs-proof = its proof
logs-withheld = { $count ->
    [one] One body has not arrived
   *[other] { $count } bodies have not arrived
}
# $index is a number.
logs-stopped = Not shown from entry { $index } on: a newer program is needed
logs-verifying = Verifying
logs-verifying-all = All logs, all indexes and the database.
logs-verifying-about = You may leave this page: the outcome stays with you. The node goes on meanwhile.
logs-far = Entries read
logs-look-again = Look again
logs-busy = As many long runs are going on as may go on at once. Try again in a minute.
logs-gone = This log is not here any more.
logs-back = Back to the logs
# $logs and $entries are counts.
logs-sound = All sound. Logs read: { $logs }. Entries read: { $entries }.
# $findings is a count too.
logs-unsound = Not sound. Findings: { $findings }. Logs read: { $logs }. Entries read: { $entries }.
logs-finding = Found:
logs-note = Not looked at:
