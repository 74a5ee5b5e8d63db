# What people are told, in the page and by e-mail.
notifications-title = Notifications
notifications-choose = Saved searches, and how you are told
notifications-none = You have not been told of anything yet.
notifications-none-text = Save a search and choose how you want to be told what it finds.
notifications-caption = What you were told, the newest first. The oldest go when there are 200.
notifications-what = What is new
notifications-mark = Read
notifications-read = read
notifications-read-one = Mark as read
notifications-read-all = Mark all as read
notifications-waits-go = Look at what waits
notifications-bell = { $count ->
    [one] One notification that you have not read
   *[other] { $count } notifications that you have not read
}
notifications-found = { $count ->
    [one] One new record
   *[other] { $count } new records
}
notifications-waits-duties = { $count ->
    [one] One duty has come due for you.
   *[other] { $count } duties have come due for you.
}
notifications-waits-records = { $count ->
    [one] One record waits for a decision.
   *[other] { $count } records wait for a decision.
}
notifications-waits-second = { $count ->
    [one] One thing to be shared waits for a second person.
   *[other] { $count } things to be shared wait for a second person.
}
notifications-mail-code-title = Your code
notifications-mail-code = Somebody, we hope you, asked for e-mail from Gotong to come to this address. Enter this code under your saved searches within an hour:
notifications-mail-code-not-you = If it was not you, do nothing: no further e-mail will come.
notifications-mail-found = { $count ->
    [one] One new record in a search of yours
   *[other] { $count } new records in a search of yours
}
# $label is a label such as TLP:AMBER.
notifications-mail-above = Something new up to { $label }: log in to see it
notifications-mail-waits = { $count ->
    [one] Something waits for you
   *[other] { $count } things wait for you
}
# $node is the name of a member’s node.
notifications-mail-foot = You asked { $node } for this e-mail. You choose what comes under your saved searches.
notifications-unread-one = Mark as unread again
notifications-marked-one = Marked as read.
notifications-unmarked-one = Unread again.
notifications-undo-one = Undo
notifications-marked = { $count ->
    [one] One notification is marked as read
   *[other] { $count } notifications are marked as read
}
notifications-none-marked = All notifications were read already
notifications-undo = { $count ->
    [one] Undo: mark it as unread again
   *[other] Undo: mark these { $count } as unread again
}
notifications-unmarked = { $count ->
    [one] One notification is unread again
   *[other] { $count } notifications are unread again
}
notifications-none-unmarked = Nothing was marked: they are unread already, or gone
notifications-back = Back to the notifications
