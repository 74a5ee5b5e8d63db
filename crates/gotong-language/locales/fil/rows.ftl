rows-name = Pangalan
rows-type = Uri
rows-author = Mula kay
rows-channel = Channel
rows-label = Label
rows-time = Oras
rows-revoked = pinawalang-bisa
