# Lists of records, and one object.
intelligence-title = Intelligence
intelligence-caption = Newest first, by their own time
intelligence-caption-arrived = What arrived last comes first
intelligence-order = Order
intelligence-order-arrived = by arrival
intelligence-order-dated = by own date
intelligence-any = any
intelligence-label-max = Up to the label
intelligence-filter = Show
intelligence-clear = Show everything
intelligence-next = Older
intelligence-wrong = Something in this address was not understood, so nothing is shown for it.
intelligence-none-match = Nothing matches these filters.
intelligence-none-yet = None of the records looked at so far matches.
intelligence-more-hits = (there are more)
intelligence-no-hit = Nothing that you may see fits this.
intelligence-no-hit-text = Looked for:
intelligence-no-hit-where = In the channels that you read:
intelligence-similar = Nothing is spelled like this; these are spelled nearly alike.
intelligence-rebuilding = The node is building its indexes again: something may be missing for a moment.
intelligence-outside-only = Nothing was looked for within this network: it is too wide, or one too many. Search for parts of it, at most a /16 (IPv4) or a /48 (IPv6) each.
intelligence-next-found = More
intelligence-found = { $count ->
    [one] One record fits
   *[other] { $count } records fit
}
intelligence-found-more = more than { $count } records fit
intelligence-why-id = its id
intelligence-why-value = names this value
intelligence-why-network = names a network that holds this
intelligence-why-within = names what lies in this network
intelligence-why-domain = names a domain above this
intelligence-why-url = names a URL on this host
intelligence-why-exact-name = is called this
intelligence-why-word = has this word
intelligence-why-accents = has this word, with other accents
intelligence-why-beginning = a word begins so
intelligence-why-part = has this within a text
intelligence-why-similar = a word spelled nearly alike
intelligence-unknown-type = STIX 2.1 has no such type, and nothing that you may see is of it.
intelligence-unknown-author = No member has this code.
intelligence-unknown-channel = There is no channel of this name that you may read.
intelligence-unknown-label = Labels are clear, green, amber, amber+strict and red.
