# The first steps of a new node, and exercise data.
start-title = First steps
start-about = A new node has a few things to do. How far each is, is worked out from what is there; nothing has to be ticked off.
start-caption = The first steps of this node. Take them in any order.
start-step = Step
start-what = What it is
start-state = State
start-done = done
start-open = open
start-none = There is nothing to do here for your role.
start-none-text = Who runs the node, or looks after accounts, sees the first steps here.
start-identity = Who we are
start-identity-statement = The charter is accepted. Nothing says yet which node speaks for us: the root key signs that. On the node’s machine:
start-identity-root = The charter is accepted and this node’s keys are signed. The root key still lies on this machine: copy it to two places without a network, check each copy, then remove it here. This checks a copy:
start-identity-done = The charter is accepted, this node’s keys are signed, and the root key is not on this machine.
start-people = A second person
start-people-text = An account for somebody else, so that the node does not depend on one person.
start-source = One source
start-source-text = A feed from outside that the node reads by itself.
start-partner = One partner
start-partner-text = An agreement in force with another member. Nothing is shared without one.
start-partner-practice = A practice node is alone in its region. To practise with partners, make a rehearsal with them: the book says how.
start-share = One test share
start-share-text = Something small, shared with the partner. The page says who will see it before anything is sent.
start-away = Put this list away
start-back = Show this list on the first page
start-away-done = The list of first steps is put away.
start-back-done = The list of first steps stands on the first page again, until something is shared with a partner.
start-onward = To the first page
start-exercise = Exercise data
start-exercise-none = Exercise data need a channel for exercises, and this node has none. The house rule opens one: a channel type with “exercise = true”. This writes a draft:
# $count is how many objects the case has.
start-exercise-about = { $count ->
    [one] One made-up object
   *[other] { $count } made-up objects
} of a case that never happened, to see how everything looks. They are marked as an exercise everywhere, never leave this node, and are removed with one press.
# $count is how many objects are there, $channel the name of a channel.
start-exercise-loaded = { $count ->
    [one] One object
   *[other] { $count } objects
} of a made-up case in { $channel }. Lists of real records never show them.
start-exercise-look = Look at them
start-exercise-load = Load exercise data
start-exercise-rest = Load what is missing
start-exercise-remove = Remove exercise data
start-load-done = { $count ->
    [one] One exercise object is loaded.
   *[other] { $count } exercise objects are loaded.
}
start-load-known = The exercise data were there already. Nothing was changed.
start-load-refused = The channel for exercises takes none of the exercise data.
start-load-line-refused = This the channel does not take.
start-remove-done = { $count ->
    [one] One exercise object is removed.
   *[other] { $count } exercise objects are removed.
}
start-remove-line = { $count ->
    [one] The contents of one entry are erased. The log keeps that it was taken back.
   *[other] The contents of { $count } entries are erased. The log keeps that they were taken back.
}
start-remove-none = There were no exercise data. Nothing was changed.
