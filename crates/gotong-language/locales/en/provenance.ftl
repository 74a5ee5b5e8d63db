# Where one entry comes from.
provenance-title = Where it comes from
provenance-verified = Verified just now: all of it holds.
provenance-not-verified = Not all of it holds.
provenance-withdrawn = It was withdrawn:
provenance-tombstone = the withdrawal
provenance-download = Download the proof as JSON
provenance-entry = The entry
provenance-log = Log
provenance-index = Index
provenance-author = Author
provenance-published = Published
provenance-arrived = Arrived here
provenance-arrived-with = { $count ->
    [one] by itself
   *[other] with { $count } entries at once
}
provenance-proof = What its author signed
provenance-proof-about = The author has signed the root of the whole log. The steps lead from this entry to that root, so that nobody can change the entry unseen, the author included.
provenance-leaf = Hash of the leaf
provenance-way = From the leaf to the root
provenance-steps = { $count ->
    [0] no step: the leaf is the root
    [one] one step
   *[other] { $count } steps
}
provenance-steps-all = The steps, lowest first
provenance-root = Root
provenance-size = Entries under the root
provenance-key = Signed with
provenance-statement = The key stands in statement
provenance-note = The signed checkpoint
provenance-unsigned = The newest entries are being signed. Look again in a moment.
provenance-basis = Why it may be here
# $name is the handle of an agreement.
provenance-agreement = Under the agreement { $name }
provenance-admitted = its clauses admit it
provenance-not-admitted = its clauses do not admit it
provenance-basis-charter = Charter
provenance-basis-agreement = Agreement
provenance-basis-notice = Notice
provenance-holders = Who holds it
provenance-holders-none = Nobody else has said yet that they hold it.
provenance-holders-caption = What other members have said of this entry.
provenance-holder = Member
provenance-says = Says
provenance-said-at = When
provenance-holds = has verified it
provenance-holds-not = has not read this far yet
provenance-erased = has erased it
provenance-not-erased = has not erased it yet
