# The charter: the region, its members, and who may change it.
charter-title = Charter and members
charter-words-about = The name of this region. Read these words to each other over the telephone: where all hear the same words, all have the same charter.
charter-founded = Founded
charter-number = Charter number
charter-voters = Who may change it
charter-rule = How many it takes
charter-rule-all = all of them
charter-rule-some = { $count ->
    [one] at least one
   *[other] at least { $count }
}
charter-grace = Time in which a notice may be unknown
charter-grace-hours = { $count ->
    [one] one hour
   *[other] { $count } hours
}
charter-download = Download the charter
charter-members = Members
charter-role-state = State
charter-role-partner = Partner
charter-role-coordinator = Coordinator
charter-keys = Keys
charter-keys-about = A member's root key is kept offline and signs charters, agreements and notices. Its words can be compared by voice.
charter-keys-caption = Each member's root key, and what it last said of the member's node
charter-member = Member
charter-voter = may change the charter
charter-key = Root key
charter-since = since charter number
charter-statement = Keys and addresses of the node
charter-statement-number = number
charter-statement-none = the root key has not said which node is its own
charter-said = Parts that rest or have ended
charter-said-none = No member has suspended or ended its part, and none has left.
charter-former = Former members
charter-versions = Versions
charter-versions-caption = The newest first
charter-changes = What it changed
charter-in-force = in force
charter-not-yet = not yet in force
charter-followed = followed by a later one
charter-waits = waits for signatures, or another of its number counts
charter-waits-before = waits for the charter before it
# $name is the name of a member.
charter-change-joins = { $name } joins
charter-change-leaves = { $name } leaves
charter-change-key = { $name } has a new root key
charter-change-member = What is said of { $name } is changed
charter-change-voters = Who may change the charter is changed
charter-change-grace = The time in which a notice may be unknown is changed
charter-change-name = The name of the region is changed
charter-house = House rule: what the organisations that you serve are shown
