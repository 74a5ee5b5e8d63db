# The channels that one may read, and one channel.
channels-title = Channels
channels-about = A channel is where members share. What you see here is what you may read.
channels-caption = By name
channels-none = No channel is open to you
channels-none-text = A channel opens when an agreement that names you comes into force.
channels-governing = Where the rules themselves travel
channels-governing-about = In these channels members tell each other charters, agreements and notices. Nobody publishes in them by hand.
channels-governing-caption = Channels of the charter and of the agreements
channels-ceiling = Strictest label
channels-audience = Who reads
channels-agreement = Agreement
channels-state = State
channels-exercise = exercise
channels-in-force = in force
channels-not-in-force = not in force
channels-may-publish = you may publish
channels-share = Share here
channels-intelligence = What is in this channel
channels-rules = The rules here
channels-readers = Who reads
channels-writers = Who writes
channels-publish = Publishing
channels-publish-yes = You may publish here.
channels-publish-no = You may not publish here now.
channels-kinds = Kinds of records
channels-onward = Passing on
channels-onward-none = not beyond the party that received it
channels-onward-constituents = to the party's own constituents
channels-onward-public = to anyone
channels-personal = Personal data
channels-personal-none = none may be published
channels-personal-pseudonymised = only under pseudonyms
channels-personal-permitted = allowed
channels-retention = Kept
channels-retention-none = without a limit
channels-retention-days = { $count ->
    [one] one day, then erased
   *[other] { $count } days, then erased
}
channels-backlog = A newcomer finds
channels-backlog-all = everything from the beginning
channels-backlog-none = only what comes after it has joined
channels-exit = When a member’s part ends
channels-exit-keep = what was received is kept
channels-exit-freeze = what was received stays readable, and is neither passed on nor exported
channels-exit-erase = each side erases what it received
channels-legal = Legal basis
channels-from = From
channels-until = Until
channels-until-none = further notice
channels-duties = What must be done, and what must not
channels-everybody = Everybody
channels-duty-acknowledge = say that it arrived
channels-duty-answer = answer
channels-duty-notify = tell the other parties
channels-duty-delete = erase it
channels-within-minutes = { $count ->
    [one] within one minute
   *[other] within { $count } minutes
}
channels-within-hours = { $count ->
    [one] within one hour
   *[other] within { $count } hours
}
channels-within-days = { $count ->
    [one] within one day
   *[other] within { $count } days
}
channels-forbidden-publish = Must not be published
channels-forbidden-read = Must not be read
channels-forbidden-onward = Must not be passed on
channels-clauses = The clauses it rests on
channels-turns = What will change
channels-turns-none = Nothing that is known will change here.
channels-turn-nobody = Nobody may do more or less because of it.
channels-logs = Logs
channels-logs-caption = One for each author and history
channels-logs-none = Nobody has written here yet
channels-logs-none-text = The first record opens a log.
channels-entries = Entries
channels-origin = Name of the log
channels-log-whole = whole
channels-log-withheld = { $count ->
    [one] the content of one entry has not arrived
   *[other] the content of { $count } entries has not arrived
}
# $index is the number of an entry.
channels-log-stopped = not shown from entry { $index } on: a newer program is needed, or its opening is faulty
channels-withdrawals = Withdrawn
channels-withdrawals-none = Nothing has been withdrawn here.
channels-withdrawals-caption = Who has erased what was withdrawn
channels-withdrawals-more = There are more than are shown here.
channels-range = Entries
channels-erased = Say that they have erased it
channels-erased-not = Have not said so
