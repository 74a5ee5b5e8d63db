# What was done here.
audit-title = Audit
audit-about = Every act of a person or a program leaves a line here. No page and no program can change or remove one.
audit-filter = Which acts
audit-who = Who
audit-everybody = everybody
audit-act = Act
audit-show = Show
audit-clear = Show all
audit-csv = Download as CSV
audit-caption = The newest first.
audit-count = { $count ->
    [one] There is one line in all.
   *[other] There are { $count } lines in all.
}
audit-when = When
audit-what = About what
audit-none = Nothing was done yet.
audit-none-such = Nobody did that.
audit-none-such-next = Choose somebody else or another act.
audit-none-so-far = None of the newest lines is such an act.
audit-none-so-far-next = Older lines are behind the link below.
audit-pages = Pages
audit-newest = The newest
audit-older = Older ones
