rows-name = Nama
rows-type = Jenis
rows-author = Dari
rows-channel = Kanal
rows-label = Label
rows-time = Waktu
rows-revoked = dicabut
