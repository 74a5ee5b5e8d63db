rows-name = Nama
rows-type = Jenis
rows-author = Daripada
rows-channel = Saluran
rows-label = Label
rows-time = Masa
rows-revoked = dibatalkan
