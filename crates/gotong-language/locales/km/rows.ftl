rows-name = ឈ្មោះ
rows-type = ប្រភេទ
rows-author = ពី
rows-channel = ឆានែល
rows-label = ស្លាក
rows-time = ពេលវេលា
rows-revoked = បានដកហូតសុពលភាព
