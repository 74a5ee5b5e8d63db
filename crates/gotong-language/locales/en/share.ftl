# Sharing: what, the check page, the hold.
share-title = Share
share-text = Paste anything
share-text-hint = Indicators, an e-mail, an advisory, a table, STIX or MISP: what it is, is found out.
share-file = Or drop a file
share-file-hint = Any of the same kinds, at most
share-channel = Channel
share-choose = Choose…
share-label = Label of what carries none
share-label-ceiling = as strict as the channel allows
share-purpose = What it is shared for (optional)
share-check = Check it
share-nothing-leaves = Nothing leaves yet.
share-no-channel = There is no channel that you may publish in.
share-no-channel-text = An agreement in force opens channels; your role must have the right to publish.
share-open = Not sent yet
share-open-caption = What you have begun, and what waits for a second person
share-pasted = Pasted text
share-state-open = being checked
share-state-second = waits for a second person
share-state-held = leaves in a moment
share-wrong-empty = There is nothing in it: paste a text or choose a file.
share-wrong-channel = Choose the channel in which it is to be shared.
share-wrong-much = It is larger than what can be shared here at once, or too much is waiting already: send or drop something first, or import it with the program.
share-wrong-gone = Its channel is not open to you any more: choose another.
share-check-title = Check
share-of = Shared by
share-held = It leaves in
share-held-text = Until then it can be stopped. It leaves at
share-stop = Stop it
share-second = A second person must confirm this.
share-second-text = Somebody else with the right to release, because of its label.
share-confirm = Confirm and send
# What would happen, in counts.
share-summary = { $publish ->
    [one] One record leaves
   *[other] { $publish } records leave
}, { $known } are known already, { $wait } wait for a person, { $refuse } cannot be taken.
share-who = Who will receive it, and why they may
share-send = Send in two minutes
share-send-hint = For two minutes it can be stopped.
share-nothing = Nothing of this can leave: see below why.
share-drop = Drop it
share-correct = Change how it is read or sent
share-format = Read it as
share-format-auto = found out by itself
share-format-stix = STIX 2.1
share-format-misp = MISP
share-format-csv = Table (CSV)
share-format-shadowserver = Shadowserver report
share-format-mail = E-mail
share-format-list = List of values
share-format-text = Free text
share-personal-auto = by each object’s nature
share-charset = Character set
share-mapping = What the columns mean
share-check-again = Check again
share-what = What was recognised
share-objects = Objects
share-fate = What happens
share-line = Line
share-fate-publish = leaves
share-fate-known = known already
share-fate-wait = waits for a person
share-fate-refuse = not taken
share-lost = What could not be read
share-losses = What its object has no place for
share-look = Look at it
share-stopped = Stopped. Nothing has left.
share-stopped-again = Look at it again
share-dropped = Dropped. Nothing has left, and nothing of it is kept.
share-refused-unknown = There is no such thing to send any more.
share-refused-late = It is too late for that: it has left, or its { $seconds } seconds are over.
share-refused-same = The second person must be somebody else.
share-refused-right = Your role does not have the right for that.
share-outcome = { $shared ->
    [0] Nothing was shared
    [one] One record was shared
   *[other] { $shared } records were shared
}; { $known } were known already, { $waiting } wait for a person, { $refused } were not taken.
share-outcome-no-channel = Nothing was shared: the channel is not open to you any more.
share-outcome-unreadable = Nothing was shared: it could not be read.
share-outcome-look = Look at the newest records
share-outcome-waiting = What waits for a person
share-outcome-again = Share something else
share-line-shared = shared
share-line-known = known already
share-line-waits = waits for a person
share-line-refused = not taken
share-line-unread = could not be read; the check page said why
share-wrong-both = There is a text and a file: share one, then the other.
share-unchecked = So nothing here tells well-known servers from what is malicious: look at the values yourself.
