rows-name = Naran
rows-type = Tipu
rows-author = Hosi
rows-channel = Kanál
rows-label = Etiketa
rows-time = Tempu
rows-revoked = revoga ona
