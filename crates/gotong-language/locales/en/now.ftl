# The first page.
now-title = Now
now-waits = What waits for you
now-nothing-waits = Nothing waits for you.
now-nothing-waits-text = Duties with a deadline and records that need a person’s decision stand here.
now-quarantine = Waiting for a decision
now-quarantine-text = Records that the policy or a warninglist has held back.
now-overdue = overdue since
now-due = due
now-members = The region
now-here = this node
now-connected = connected
now-dialling = connecting
now-idle = nothing shared
now-unreachable = not reachable
now-news = What is new
now-news-caption = The newest records that you may see: what arrived last comes first.
# {count} in single braces is filled in by the page’s script and stays as it is.
now-new-pill = { "{" }count{ "}" } new: show
now-no-news = Nothing has arrived yet.
now-no-news-next = Share something
now-all = All records
now-trouble-next = What can be done stands on the page “Operation”.
now-restored = This node was restored from an older copy and publishes nothing until a person says so.
now-behind = { $count ->
    [one] One record is not searchable yet: the node is working on it.
   *[other] { $count } records are not searchable yet: the node is working on them.
}
now-silent-store = The store does not answer.
