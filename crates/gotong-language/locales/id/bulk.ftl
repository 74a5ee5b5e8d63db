bulk-bar = Tindakan untuk banyak sekaligus
bulk-page = Semua { $count } di halaman ini
bulk-all = Semua yang cocok, di setiap halaman
bulk-chosen = Dipilih: { "{" }count{ "}" }
bulk-withdraw = Tarik…
bulk-relabel = Ubah label…
bulk-download = Unduh semua yang cocok, sebagai STIX 2.1
bulk-pick = Pilih catatan ini
bulk-waiting-all = Semua yang menunggu Anda, bukan hanya yang di halaman ini:
bulk-waiting-release = Rilis semua…
bulk-waiting-drop = Buang semua…
bulk-title-withdraw = { $count ->
    [0] Tidak ada yang ditarik
   *[other] Tarik { $count } catatan
}
bulk-title-relabel = { $count ->
    [0] Tidak ada label yang diubah
   *[other] Ubah label { $count } catatan
}
bulk-title-release = { $count ->
    [0] Tidak ada yang dirilis
   *[other] Rilis { $count } catatan yang menunggu
}
bulk-title-drop = { $count ->
    [0] Tidak ada yang dibuang
   *[other] Buang { $count } catatan yang menunggu
}
bulk-about-withdraw = Setiap pemegang diminta menghapus semua versinya, dan node mereka memberi tahu bila sudah. Yang telah disalin ke tempat lain tidak dapat diminta kembali.
bulk-about-relabel = Label yang lebih ketat mengikat semua versi mulai sekarang. Jika lebih ketat daripada yang diizinkan suatu kanal, catatan ditarik dari kanal itu.
bulk-about-release = Masing-masing diterbitkan di kanalnya, seperti bila Anda merilisnya satu per satu.
bulk-about-drop = Masing-masing dihapus setelah masa tunggu berakhir, dan sesudah itu tidak dapat dikembalikan.
bulk-caption = Yang terkena, menurut kanal
bulk-records = Catatan
bulk-who = Siapa yang diminta melakukan hal yang sama
bulk-who-receives = Siapa yang akan menerimanya
bulk-none = Tidak ada yang dapat ditindak di sini
bulk-none-text = Alasannya tertera di bawah. Yang diterbitkan pihak Anda sendiri dapat ditarik dan diubah labelnya.
bulk-left-out = Yang dibiarkan apa adanya
bulk-send = Lakukan dalam dua menit
bulk-send-hint = Selama dua menit masih dapat dibatalkan.
bulk-leave = Biarkan semuanya apa adanya
bulk-frozen = Pilihan ditetapkan saat halaman ini dibuat: yang tiba sekarang tidak diikutkan. Pilihan yang tidak dikirim dilupakan setelah satu jam.
bulk-held = Dilakukan dalam
bulk-held-text = Sampai saat itu masih dapat dibatalkan, dan belum ada apa pun yang terjadi. Dimulai pada
bulk-undo = Batalkan
bulk-running = Sedang dilakukan
bulk-running-text = Ini berjalan sendiri, baik Anda melihatnya maupun tidak. Karena sudah dimulai, tidak dapat dibatalkan lagi.
bulk-look-again = Lihat lagi
bulk-look = Lihat
bulk-back = Pilih lagi
bulk-undone = Dibatalkan. Tidak ada yang terjadi pada { $count } catatan itu.
bulk-left = Tidak ada yang dilakukan, dan pilihan tidak disimpan.
bulk-again = Terbitkan sesuatu lagi
bulk-refused-unknown = Ini sudah tidak ada: sudah dilakukan, ditinggalkan, atau dilupakan setelah satu jam.
bulk-refused-much = Tidak ada yang dilakukan: yang cocok lebih banyak daripada yang dapat dipilih sekaligus, yaitu { $count } catatan, atau 1.000 dari pencarian kata. Persempit pertanyaannya, misalnya menurut jenis, kanal, atau penulis, lalu pilih lagi.
bulk-refused-late = Sudah terlambat: sudah dimulai, atau { $seconds } detiknya sudah lewat. Yang ditarik tetap ditarik dan dapat diterbitkan lagi.
bulk-refused-nothing = Tidak ada yang dilakukan: pilih catatan, lalu alasan atau label.
bulk-outcome-withdraw = { $count ->
    [0] Tidak ada yang ditarik.
   *[other] { $count } catatan ditarik. Setiap pemegang diminta menghapusnya. Ini tidak dapat dibatalkan; catatan dapat diterbitkan lagi.
}
bulk-outcome-relabel = { $count ->
    [0] Tidak ada label yang diubah.
   *[other] Label { $count } catatan diubah. Label dapat diubah lagi.
}
bulk-outcome-release = { $count ->
    [0] Tidak ada yang dirilis.
   *[other] { $count } catatan dirilis. Catatan dapat ditarik.
}
bulk-outcome-drop = { $count ->
    [0] Tidak ada yang dibuang.
   *[other] { $count } catatan dibuang dan dihapus.
}
bulk-line-done = { $count } catatan: selesai
bulk-line-beyond = { $count } catatan: ditarik, karena labelnya lebih ketat daripada yang diterima kanal
bulk-line-others = { $count } catatan bukan milik Anda: hanya yang menerbitkannya yang dapat mengambilnya kembali
bulk-line-gone = { $count } catatan sudah tidak ada: sudah ditarik, atau sudah ada yang memutuskan
bulk-line-rights = { $count } catatan: tidak dilakukan, karena Anda tidak lagi berhak melakukannya di sana
bulk-line-refused = { $count } catatan: ditolak
bulk-line-waits = { $count } catatan masih menunggu
bulk-now = Tindakan Anda pada banyak catatan
bulk-now-held = dimulai pada
