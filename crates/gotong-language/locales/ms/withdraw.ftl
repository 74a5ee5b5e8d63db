withdraw-title = Tarik balik
withdraw-text = Setiap pemegang diminta memadamkan semua versinya, dan nod mereka memberitahu apabila selesai. Apa yang telah disalin ke tempat lain tidak dapat dipanggil semula.
withdraw-relabel-title = Ubah label
withdraw-relabel-text = Label yang lebih ketat mengikat semua versi mulai sekarang. Jika lebih ketat daripada yang dibenarkan sesuatu saluran, objek ditarik balik di situ.
withdraw-where = Di mana
withdraw-asked = Akan diminta:
withdraw-reason = Sebab
withdraw-reason-error = Kandungannya salah
withdraw-reason-agreement = Perjanjian menghendakinya
withdraw-reason-legal = Undang-undang menghendakinya
withdraw-reason-personal-data = Mengandungi data peribadi
withdraw-reason-request = Ada yang memintanya
withdraw-reason-other = Sebab lain
withdraw-act = Tarik balik
withdraw-leave = Biarkan seadanya
withdraw-new-label = Label baharu
withdraw-relabel-act = Ubah
withdraw-now = Serta-merta, tanpa boleh dibatalkan
withdraw-parts = Tarik balik juga apa yang disebutnya dan tidak disebut oleh yang lain
withdraw-parts-stay = Apa yang disebutnya kekal dengan label sendiri: ubah secara berasingan.
withdraw-nothing-chosen = Tiada yang dilakukan: pilih tempat, dan sebab atau labelnya.
withdraw-again = Pilih semula
withdraw-onward = Semua rekod
withdraw-listed = Yang ditarik balik di situ, dan siapa yang telah memadamkannya
withdraw-line-done = selesai; para pemegang telah diminta
withdraw-line-none = tiada milik anda di sana
withdraw-line-refused = tidak dilakukan
withdraw-outcome-withdraw = { $entries ->
    [0] Tiada yang ditarik balik.
   *[other] { $entries } entri telah ditarik balik. Setiap pemegang diminta memadamkannya.
}
withdraw-outcome-relabel = { $entries ->
    [0] Tiada label yang diubah.
   *[other] Label { $entries } entri telah diubah.
}
withdraw-reason-superseded = Ada yang lebih baharu sebagai gantinya
withdraw-reason-source-request = Sumbernya memintanya
withdraw-reason-privacy = Terlalu banyak mendedahkan tentang seseorang
withdraw-reason-retention = Tempoh penyimpanannya telah tamat
withdraw-reason-relabelled = Labelnya diubah melampaui apa yang diterima saluran
