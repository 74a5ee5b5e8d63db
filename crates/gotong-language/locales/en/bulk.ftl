# One act on many records: the bar of a list, the check page, the hold, what came of it.
bulk-bar = Act on many at once
bulk-page = { $count ->
    [one] The one on this page
   *[other] All { $count } on this page
}
bulk-all = All that match, on every page
bulk-chosen = Chosen: { "{" }count{ "}" }
bulk-withdraw = Withdraw…
bulk-relabel = Change the label…
bulk-download = Download all that match, as STIX 2.1
bulk-pick = Choose this record
bulk-waiting-all = All that wait for you, not only those on this page:
bulk-waiting-release = Release all…
bulk-waiting-drop = Drop all…
bulk-title-withdraw = { $count ->
    [0] Withdraw nothing
    [one] Withdraw one record
   *[other] Withdraw { $count } records
}
bulk-title-relabel = { $count ->
    [0] Change the label of nothing
    [one] Change the label of one record
   *[other] Change the label of { $count } records
}
bulk-title-release = { $count ->
    [0] Release nothing
    [one] Release one record that waits
   *[other] Release { $count } records that wait
}
bulk-title-drop = { $count ->
    [0] Drop nothing
    [one] Drop one record that waits
   *[other] Drop { $count } records that wait
}
bulk-about-withdraw = Every holder is asked to erase all versions of them, and their nodes say when they have. What somebody has copied elsewhere cannot be called back.
bulk-about-relabel = A stricter label binds every version from now on. A label stricter than a channel allows withdraws the records there.
bulk-about-release = Each is published in its channel, as if you released it by itself.
bulk-about-drop = Each is erased when the hold is over, and cannot be brought back then.
bulk-caption = What it is about, by channel
bulk-records = Records
bulk-who = Who is asked to do the same
bulk-who-receives = Who will receive them
bulk-none = Nothing of this can be acted on
bulk-none-text = Below stands why. You can withdraw and relabel what your own side has published.
bulk-left-out = What is left as it is
bulk-send = Do it in two minutes
bulk-send-hint = For two minutes it can be undone.
bulk-leave = Leave everything as it is
bulk-frozen = What is chosen was fixed when this page was made: what arrives now is not taken along. A choice that is not sent is forgotten after an hour.
bulk-held = It is done in
bulk-held-text = Until then it can be undone, and nothing has happened to any of them. It begins at
bulk-undo = Undo
bulk-running = It is being done
bulk-running-text = It goes on by itself, whether or not you look. It has begun, so that it cannot be undone any more.
bulk-look-again = Look again
bulk-look = Look at it
bulk-back = Choose again
bulk-undone = { $count ->
    [one] Undone. Nothing has happened to the one record.
   *[other] Undone. Nothing has happened to any of the { $count } records.
}
bulk-left = Nothing was done, and nothing of the choice is kept.
bulk-again = Publish something again
bulk-refused-unknown = This is not there any more: it was done, left, or forgotten after an hour.
bulk-refused-much = Nothing was done: more fits than can be chosen at once, which is { $count } records, or 1,000 of a search for words. Narrow the question, for example by type, channel or author, and choose again.
bulk-refused-late = It is too late for that: it has begun, or its { $seconds } seconds are over. What was withdrawn stays withdrawn and can be published again.
bulk-refused-nothing = Nothing was done: choose records, and then a reason or a label.
bulk-outcome-withdraw = { $count ->
    [0] Nothing was withdrawn.
    [one] One record was withdrawn. Every holder is asked to erase it. This cannot be undone; it can be published again.
   *[other] { $count } records were withdrawn. Every holder is asked to erase them. This cannot be undone; they can be published again.
}
bulk-outcome-relabel = { $count ->
    [0] No label was changed.
    [one] The label of one record was changed. It can be changed again.
   *[other] The labels of { $count } records were changed. They can be changed again.
}
bulk-outcome-release = { $count ->
    [0] Nothing was released.
    [one] One record was released. It can be withdrawn.
   *[other] { $count } records were released. They can be withdrawn.
}
bulk-outcome-drop = { $count ->
    [0] Nothing was dropped.
    [one] One record was dropped and erased.
   *[other] { $count } records were dropped and erased.
}
bulk-line-done = { $count ->
    [one] one record: done
   *[other] { $count } records: done
}
bulk-line-beyond = { $count ->
    [one] one record: withdrawn, since its label is stricter than the channel takes
   *[other] { $count } records: withdrawn, since their label is stricter than the channel takes
}
bulk-line-others = { $count ->
    [one] one record is not yours: only who published it can take it back
   *[other] { $count } records are not yours: only who published them can take them back
}
bulk-line-gone = { $count ->
    [one] one record is not there any more: it was withdrawn, or somebody has decided already
   *[other] { $count } records are not there any more: they were withdrawn, or somebody has decided already
}
bulk-line-rights = { $count ->
    [one] one record: not done, since you may no longer do this there
   *[other] { $count } records: not done, since you may no longer do this there
}
bulk-line-refused = { $count ->
    [one] one record: refused
   *[other] { $count } records: refused
}
bulk-line-waits = { $count ->
    [one] one record still waits
   *[other] { $count } records still wait
}
bulk-now = What you do to many records
bulk-now-held = begins at
