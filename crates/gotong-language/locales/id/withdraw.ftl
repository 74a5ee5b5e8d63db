withdraw-title = Tarik
withdraw-text = Setiap pemegang diminta menghapus semua versinya, dan node mereka memberi tahu bila sudah. Yang telah disalin ke tempat lain tidak dapat diminta kembali.
withdraw-relabel-title = Ubah label
withdraw-relabel-text = Label yang lebih ketat mengikat semua versi mulai sekarang. Jika lebih ketat daripada yang diizinkan suatu kanal, objek ditarik dari kanal itu.
withdraw-where = Di mana
withdraw-asked = Akan diminta:
withdraw-reason = Alasan
withdraw-reason-error = Isinya keliru
withdraw-reason-agreement = Perjanjian mengharuskannya
withdraw-reason-legal = Hukum mengharuskannya
withdraw-reason-personal-data = Memuat data pribadi
withdraw-reason-request = Ada yang memintanya
withdraw-reason-other = Alasan lain
withdraw-act = Tarik
withdraw-leave = Biarkan apa adanya
withdraw-new-label = Label baru
withdraw-relabel-act = Ubah
withdraw-now = Segera, tanpa dapat dibatalkan
withdraw-parts = Tarik juga yang disebutnya dan tidak disebut oleh yang lain
withdraw-parts-stay = Yang disebutnya tetap berlabel sendiri: ubahlah secara terpisah.
withdraw-nothing-chosen = Tidak ada yang dilakukan: pilih tempat, serta alasan atau labelnya.
withdraw-again = Pilih lagi
withdraw-onward = Semua catatan
withdraw-listed = Yang ditarik di sana, dan siapa yang telah menghapusnya
withdraw-line-done = selesai; para pemegang telah diminta
withdraw-line-none = tidak ada milik Anda di sana
withdraw-line-refused = tidak dilakukan
withdraw-outcome-withdraw = { $entries ->
    [0] Tidak ada yang ditarik.
   *[other] { $entries } entri ditarik. Setiap pemegang diminta menghapusnya.
}
withdraw-outcome-relabel = { $entries ->
    [0] Tidak ada label yang diubah.
   *[other] Label { $entries } entri diubah.
}
withdraw-reason-superseded = Ada yang lebih baru sebagai gantinya
withdraw-reason-source-request = Sumbernya memintanya
withdraw-reason-privacy = Terlalu banyak mengungkap tentang seseorang
withdraw-reason-retention = Masa penyimpanannya sudah lewat
withdraw-reason-relabelled = Labelnya diubah melampaui yang diterima kanal
