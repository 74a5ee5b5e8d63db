waiting-title = Menunggu keputusan petugas
waiting-about = Catatan ini dikirim untuk diterbitkan, dan ada hal di dalamnya yang lebih dahulu memerlukan keputusan petugas. Pihak luar belum melihatnya.
waiting-none = Tidak ada yang menunggu
waiting-none-text = Yang memerlukan keputusan akan tampil di sini.
waiting-no-more = Tidak ada lagi yang menunggu
waiting-first = Kembali ke awal
waiting-only-look = Anda dapat melihat. Yang memutuskan adalah petugas rilis.
waiting-caption = Terlama lebih dahulu
waiting-choose = Pilih
waiting-what = Apa
waiting-why = Mengapa menunggu
waiting-all-shown = Semua { $count } yang ditampilkan di sini
waiting-release = Rilis yang dipilih
waiting-drop = Buang yang dipilih
waiting-decide-about = Yang dirilis langsung diterbitkan di kanalnya. Yang dibuang dihapus dan tidak dapat dikembalikan.
waiting-next = Berikutnya
waiting-one-title = Menunggu, nomor
waiting-sender = Dikirim oleh
waiting-contents = Isinya
waiting-release-one = Rilis
waiting-drop-one = Buang
waiting-nothing-chosen = Tidak ada yang dilakukan: tidak ada yang dipilih.
waiting-onward = Yang masih menunggu
waiting-released = { $count ->
    [0] Tidak ada yang dirilis.
   *[other] { $count } catatan dirilis.
}
waiting-dropped = { $count ->
    [0] Tidak ada yang dibuang.
   *[other] { $count } catatan dibuang.
}
waiting-line-released = diterbitkan
waiting-line-known = sudah pernah diterbitkan
waiting-line-refused = ditolak; masih menunggu di sini
waiting-line-waits = masih menunggu
waiting-line-dropped = dibuang dan dihapus
waiting-line-gone = tidak menunggu lagi: sudah ada yang memutuskan
