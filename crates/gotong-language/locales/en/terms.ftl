# Words of GLOSSARY.md, in the forms that texts use, separated by |. The first form is the glossary's. Each language says in its own terms.ftl
# which words stand for each: a message that has the English word must have one of them.
term-agreement = agreement | agreements
term-charter = charter
term-member = member | members
term-channel = channel | channels
term-node = node | nodes
term-peer = peer | peers
term-clause = clause | clauses
term-label = label | labels
term-record = record | records
term-withdraw = withdraw | withdrawn | withdrawal | withdrawals
term-source = source | sources
term-constituent = constituent | constituents
term-role = role | roles
term-duty = duty | duties
term-sighting = sighting | sightings
term-in-force = in force
term-refused = refused
term-outcome = outcome | outcomes
