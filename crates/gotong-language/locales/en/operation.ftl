# How the node is.
operation-title = Operation
operation-all-well = All is well.
operation-some-mind = { $count ->
    [one] One thing to look at.
   *[other] { $count } things to look at.
}
operation-some-wrong = { $count ->
    [one] One thing is wrong.
   *[other] { $count } things are wrong.
}
operation-checks = Checks
operation-well = What is well
operation-checks-more = What only the machine itself shows, such as who may read the keys, is told by
operation-verify = Verify the logs
operation-look = Look
operation-copy = Copy the command
operation-copied = The command is copied
operation-word-warn = to look at
operation-word-bad = wrong
# $member is the code of a member, $region the name of the region.
operation-check-member = { $member } is a member of { $region }
operation-check-member-none = The charter names no member { $member }
operation-next-member-none = This node cannot take part. Ask the region’s coordinator for the charter that names you.
# $serial is a number: statements of a member form a chain.
operation-check-statement = Statement { $serial } names this node’s keys
operation-check-statement-none = This node has no statement, so no peer accepts it
operation-next-statement-none = Sign a statement with the root key.
operation-check-statement-other-keys = The newest statement names other keys than this node’s
operation-next-statement-other-keys = Sign a statement with the root key, or bring the right keys back from a backup.
operation-check-statement-no-address = The statement names no address, so peers cannot reach this node
operation-next-statement-no-address = Set federation.address in gotong.toml, then sign a statement.
# $names is a list of members’ codes.
operation-check-statements-missing = No statement is known of { $names }
operation-next-statements-missing = Ask them for the file statement.note and add it.
operation-check-agreements-none = No agreement is known, so nothing can be shared
operation-next-agreements-none = Accept the agreement’s file that your liaison has.
# $name is the handle of an agreement.
operation-check-agreement = The agreement { $name } is in force
operation-check-agreement-over = The agreement { $name } is outside its dates
operation-next-agreement-over = Check the machine’s clock and the dates. An amendment can prolong it.
operation-check-store = The store is not behind its checkpoint file
operation-check-store-restored = The store is older than what was signed from it
operation-next-store-restored = It publishes nothing until its peers have been asked. Never copy or remove the checkpoint file by hand.
# $count is a number of days, one at least.
operation-check-backup = { $count ->
    [one] The newest backup is less than one day old
   *[other] The newest backup is less than { $count } days old
}
operation-check-backup-none = No backup of this node has been made
operation-next-backup-none = Make one, keep it on another machine, and check that it opens.
operation-check-backup-old = { $count ->
    [one] The newest backup is one day old
   *[other] The newest backup is { $count } days old
}
operation-next-backup-old = Make one every day, and keep it on another machine.
# $why is what the store said, in English.
operation-check-backup-wrong = When the newest backup was made cannot be read: { $why }
operation-next-backup-wrong = Look at the disk, then make a backup.
operation-check-mail = E-mail goes out
operation-check-mail-failing = { $count ->
    [one] E-mail does not go out, and one message waits: { $why }
   *[other] E-mail does not go out, and { $count } messages wait: { $why }
}
operation-next-mail-failing = Look at the mail server, and at its part of the configuration. Each message is tried for three days.
operation-check-mail-wrong = The messages that wait cannot be read: { $why }
operation-next-mail-wrong = Restore the store from a backup.
operation-check-views = The views are up to date
operation-check-views-behind = { $count ->
    [one] The views are one arrival behind
   *[other] The views are { $count } arrivals behind
}
operation-next-views-behind = They catch up while the node runs.
# $why is what the store said, in English.
operation-check-views-wrong = The views cannot be read: { $why }
operation-next-views-wrong = Build them again from the logs. Nothing is lost.
# $names is a list of names.
operation-check-members-unreachable = { $count ->
    [one] One member is not reached: { $names }
   *[other] { $count } members are not reached: { $names }
}
operation-next-members-unreachable = The table below says why. What is shared waits here and reaches them later.
operation-check-feeds-failing = { $count ->
    [one] One feed fails: { $names }
   *[other] { $count } feeds fail: { $names }
}
operation-next-feeds-failing = The table below says why.
operation-members = Members
operation-members-caption = How this node’s link to each member is. Counters begin when the program starts.
operation-members-none = There is nobody to talk to yet.
operation-members-none-next = Members appear once an agreement is in force that you share with them.
operation-member = Member
operation-link = Link
operation-contact = Last contact
operation-no-contact = No contact since this node was started
operation-since = since
operation-shared = Shared channels
operation-why = Why has it not reached them?
operation-why-about = Name an object, and see for each member whether it receives it, by which rule, what is known of the delivery, and who can change it.
operation-why-id = Id of the object
operation-why-id-hint = It stands on the object’s page, such as indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f.
operation-why-member = Member
operation-why-all = All members
operation-why-ask = Show why
operation-why-none = There is nothing of this id that you may see.
operation-why-none-next = If somebody here shared it, it was refused before it came into a log: the outcome of that act says why.
operation-why-nobody = The charter names no such member.
operation-why-caption = What holds for each member now.
operation-waits = It waits for a person here, and has gone to nobody
operation-waits-next = Decide on it
operation-by = Shared by
operation-answer = Does it have it?
operation-rule = Rule
operation-owner = Who can change it
# $roles is a list of roles.
operation-owner-release = Whoever may release what waits: { $roles }.
# $name is the handle of an agreement.
operation-owner-agreement = The parties of { $name }, by an amendment or a notice. Ask your liaison.
operation-owner-nobody = Nothing is left to do.
# $name is the name of a member.
operation-owner-author = { $name } wrote it, and knows how far it has come. Ask there.
operation-owner-member = Whoever runs the node of { $name }, once the link to it works.
operation-has = has it
operation-not-yet = not yet
operation-no-longer = is sent nothing more
operation-never = never
operation-state-shown = shown
operation-state-held = held until a document arrives
operation-state-refused = refused
operation-state-withheld = its body has not arrived
operation-state-withdrawn = withdrawn
operation-state-control = an entry about the log
operation-state-not-shown = not shown
operation-stored = What is stored
operation-stored-bytes = On disk
operation-stored-logs = Logs
operation-stored-entries = Entries
operation-stored-live = Records that are shown
operation-stored-erased = Withdrawn and gone
operation-stored-withheld = Bodies that have not arrived
operation-stored-held = Held for a document
operation-stored-faulty = Entries that break a rule
operation-stored-quarantined = Waiting for a person
operation-stored-unsigned = Not yet signed
operation-stored-lag = Arrivals that the views are behind
operation-feeds = Sources, targets, webhooks
operation-feeds-caption = What this node reads and feeds outside the region.
operation-feeds-none = There are none yet.
operation-feeds-none-next = Add a source
operation-name = Name
operation-kind = What
operation-kind-source = Source
operation-kind-target = Target
operation-kind-webhook = Webhook
operation-health = State
operation-last-good = Last went well
operation-never-yet = not yet
operation-due = Next
operation-late = Duties that are late
operation-late-none = No duty is late.
operation-late-caption = What clauses ask of this member and what is past its time.
operation-late-about = Record
operation-late-duty = Duty
operation-late-due = Was due
operation-clause = Clause
