# Taking back, and correcting labels.
withdraw-title = Withdraw
withdraw-text = Every holder is asked to erase all versions of it, and their nodes say when they have. What somebody has copied elsewhere cannot be called back.
withdraw-relabel-title = Change the label
withdraw-relabel-text = A stricter label binds every version from now on. A label stricter than a channel allows withdraws it there.
withdraw-where = Where
withdraw-asked = Will be asked:
withdraw-reason = Why
withdraw-reason-error = It was wrong
withdraw-reason-agreement = An agreement demands it
withdraw-reason-legal = The law demands it
withdraw-reason-personal-data = It holds personal data
withdraw-reason-request = Somebody asked for it
withdraw-reason-other = Another reason
withdraw-act = Withdraw it
withdraw-leave = Leave it as it is
withdraw-new-label = New label
withdraw-relabel-act = Change it
withdraw-now = At once, with no way back
withdraw-parts = Also withdraw what it names and nothing else does
withdraw-parts-stay = What it names keeps its own labels: change them by themselves.
withdraw-nothing-chosen = Nothing was done: choose where, and why or which label.
withdraw-again = Choose again
withdraw-onward = All records
withdraw-listed = What was withdrawn there, and who has erased it
withdraw-line-done = done; the holders are asked
withdraw-line-none = nothing of yours stands there
withdraw-line-refused = not done
withdraw-outcome-withdraw = { $entries ->
    [0] Nothing was withdrawn.
    [one] One entry was withdrawn. Every holder is asked to erase it.
   *[other] { $entries } entries were withdrawn. Every holder is asked to erase them.
}
withdraw-outcome-relabel = { $entries ->
    [0] No label was changed.
    [one] The label of one entry was changed.
   *[other] The labels of { $entries } entries were changed.
}
withdraw-reason-superseded = Something newer stands in its place
withdraw-reason-source-request = Its source asked for it
withdraw-reason-privacy = It says too much of somebody
withdraw-reason-retention = The time for which it may be kept is over
withdraw-reason-relabelled = Its label was changed beyond what the channel takes
