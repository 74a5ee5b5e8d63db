waiting-title = Menunggu tindakan pegawai
waiting-about = Rekod ini dihantar untuk diterbitkan, dan ada perkara padanya yang memerlukan keputusan pegawai dahulu. Pihak luar belum melihatnya.
waiting-none = Tiada yang menunggu
waiting-none-text = Yang memerlukan keputusan akan dipaparkan di sini.
waiting-no-more = Tiada lagi yang menunggu
waiting-first = Kembali ke permulaan
waiting-only-look = Anda boleh melihat. Keputusan dibuat oleh pegawai pelepasan.
waiting-caption = Terlama dahulu
waiting-choose = Pilih
waiting-what = Apa
waiting-why = Sebab menunggu
waiting-all-shown = Semua { $count } yang dipaparkan di sini
waiting-release = Lepaskan yang dipilih
waiting-drop = Buang yang dipilih
waiting-decide-about = Yang dilepaskan terus diterbitkan dalam salurannya. Yang dibuang dipadamkan dan tidak dapat dikembalikan.
waiting-next = Seterusnya
waiting-one-title = Menunggu, nombor
waiting-sender = Dihantar oleh
waiting-contents = Kandungannya
waiting-release-one = Lepaskan
waiting-drop-one = Buang
waiting-nothing-chosen = Tiada yang dilakukan: tiada yang dipilih.
waiting-onward = Yang masih menunggu
waiting-released = { $count ->
    [0] Tiada yang dilepaskan.
   *[other] { $count } rekod telah dilepaskan.
}
waiting-dropped = { $count ->
    [0] Tiada yang dibuang.
   *[other] { $count } rekod telah dibuang.
}
waiting-line-released = diterbitkan
waiting-line-known = sudah pernah diterbitkan
waiting-line-refused = ditolak; masih menunggu di sini
waiting-line-waits = masih menunggu
waiting-line-dropped = dibuang dan dipadamkan
waiting-line-gone = tidak menunggu lagi: sudah ada yang memutuskan
