# Heads of tables of records.
rows-name = Name
rows-type = Type
rows-author = From
rows-channel = Channel
rows-label = Label
rows-time = Time
rows-revoked = revoked
