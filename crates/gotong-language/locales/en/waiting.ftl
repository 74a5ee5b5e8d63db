# What waits for a person's decision before it is published.
waiting-title = Waiting for a person
waiting-about = These records were sent for publication, and something about them asks for a person's decision first. Nobody outside sees them yet.
waiting-none = Nothing waits
waiting-none-text = What asks for a decision will stand here.
waiting-no-more = Nothing more waits
waiting-first = Back to the beginning
waiting-only-look = You can look. Deciding is for a releasing officer.
waiting-caption = The oldest first
waiting-choose = Choose
waiting-what = What
waiting-why = Why it waits
waiting-all-shown = { $count ->
    [one] The one that is shown here
   *[other] All { $count } that are shown here
}
waiting-release = Release what is chosen
waiting-drop = Drop what is chosen
waiting-decide-about = What is released is published in its channel at once. What is dropped is erased and cannot be brought back.
waiting-next = More
waiting-one-title = Waiting, number
waiting-sender = Sent by
waiting-contents = What it says
waiting-release-one = Release it
waiting-drop-one = Drop it
waiting-nothing-chosen = Nothing was done: nothing was chosen.
waiting-onward = What still waits
waiting-released = { $count ->
    [0] Nothing was released.
    [one] One record was released.
   *[other] { $count } records were released.
}
waiting-dropped = { $count ->
    [0] Nothing was dropped.
    [one] One record was dropped.
   *[other] { $count } records were dropped.
}
waiting-line-released = published
waiting-line-known = was published already
waiting-line-refused = refused; it still waits here
waiting-line-waits = still waits
waiting-line-dropped = dropped and erased
waiting-line-gone = no longer waits: somebody has decided already
