graph-title = Graf
graph-summary = { $count } objek dalam dua langkah.
graph-cut = Masih ada lagi selain yang digambar di sini.
graph-table = Isi yang sama dalam tabel
graph-from = Dari
graph-how = Hubungan
graph-to = Ke
