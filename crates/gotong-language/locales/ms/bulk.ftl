bulk-bar = Tindakan bagi banyak sekali gus
bulk-page = Semua { $count } di halaman ini
bulk-all = Semua yang sepadan, di setiap halaman
bulk-chosen = Dipilih: { "{" }count{ "}" }
bulk-withdraw = Tarik balik…
bulk-relabel = Ubah label…
bulk-download = Muat turun semua yang sepadan, sebagai STIX 2.1
bulk-pick = Pilih rekod ini
bulk-waiting-all = Semua yang menunggu anda, bukan hanya yang di halaman ini:
bulk-waiting-release = Lepaskan semua…
bulk-waiting-drop = Buang semua…
bulk-title-withdraw = { $count ->
    [0] Tiada yang ditarik balik
   *[other] Tarik balik { $count } rekod
}
bulk-title-relabel = { $count ->
    [0] Tiada label yang diubah
   *[other] Ubah label { $count } rekod
}
bulk-title-release = { $count ->
    [0] Tiada yang dilepaskan
   *[other] Lepaskan { $count } rekod yang menunggu
}
bulk-title-drop = { $count ->
    [0] Tiada yang dibuang
   *[other] Buang { $count } rekod yang menunggu
}
bulk-about-withdraw = Setiap pemegang diminta memadamkan semua versinya, dan nod mereka memberitahu apabila selesai. Apa yang telah disalin ke tempat lain tidak dapat dipanggil semula.
bulk-about-relabel = Label yang lebih ketat mengikat semua versi mulai sekarang. Jika lebih ketat daripada yang dibenarkan sesuatu saluran, rekod ditarik balik di situ.
bulk-about-release = Setiap satu diterbitkan dalam salurannya, seolah-olah anda melepaskannya satu demi satu.
bulk-about-drop = Setiap satu dipadamkan selepas tempoh menunggu tamat, dan selepas itu tidak dapat dikembalikan.
bulk-caption = Yang terlibat, mengikut saluran
bulk-records = Rekod
bulk-who = Siapa yang diminta melakukan perkara yang sama
bulk-who-receives = Siapa yang akan menerimanya
bulk-none = Tiada yang dapat diambil tindakan di sini
bulk-none-text = Sebabnya dinyatakan di bawah. Apa yang diterbitkan pihak anda sendiri boleh ditarik balik dan diubah labelnya.
bulk-left-out = Yang dibiarkan seadanya
bulk-send = Lakukan dalam dua minit
bulk-send-hint = Selama dua minit ia boleh dibatalkan.
bulk-leave = Biarkan semuanya seadanya
bulk-frozen = Pilihan ditetapkan semasa halaman ini dibuat: yang tiba sekarang tidak disertakan. Pilihan yang tidak dihantar dilupakan selepas satu jam.
bulk-held = Dilakukan dalam
bulk-held-text = Sehingga itu ia boleh dibatalkan, dan belum ada apa-apa yang berlaku. Bermula pada
bulk-undo = Batalkan
bulk-running = Sedang dilakukan
bulk-running-text = Ia berjalan sendiri, sama ada anda melihatnya atau tidak. Oleh sebab ia telah bermula, ia tidak dapat dibatalkan lagi.
bulk-look-again = Lihat semula
bulk-look = Lihat
bulk-back = Pilih semula
bulk-undone = Dibatalkan. Tiada apa-apa berlaku pada { $count } rekod itu.
bulk-left = Tiada yang dilakukan, dan pilihan itu tidak disimpan.
bulk-again = Terbitkan sesuatu semula
bulk-refused-unknown = Ini tiada lagi: ia telah dilakukan, ditinggalkan, atau dilupakan selepas satu jam.
bulk-refused-much = Tiada yang dilakukan: yang sepadan lebih banyak daripada yang boleh dipilih sekali gus, iaitu { $count } rekod, atau 1,000 daripada carian perkataan. Kecilkan soalannya, contohnya mengikut jenis, saluran atau penulis, dan pilih semula.
bulk-refused-late = Sudah terlambat: ia telah bermula, atau { $seconds } saatnya telah tamat. Yang ditarik balik kekal ditarik balik dan boleh diterbitkan semula.
bulk-refused-nothing = Tiada yang dilakukan: pilih rekod, kemudian sebab atau label.
bulk-outcome-withdraw = { $count ->
    [0] Tiada yang ditarik balik.
   *[other] { $count } rekod telah ditarik balik. Setiap pemegang diminta memadamkannya. Ini tidak dapat dibatalkan; rekod boleh diterbitkan semula.
}
bulk-outcome-relabel = { $count ->
    [0] Tiada label yang diubah.
   *[other] Label { $count } rekod telah diubah. Label boleh diubah lagi.
}
bulk-outcome-release = { $count ->
    [0] Tiada yang dilepaskan.
   *[other] { $count } rekod telah dilepaskan. Rekod boleh ditarik balik.
}
bulk-outcome-drop = { $count ->
    [0] Tiada yang dibuang.
   *[other] { $count } rekod telah dibuang dan dipadamkan.
}
bulk-line-done = { $count } rekod: selesai
bulk-line-beyond = { $count } rekod: ditarik balik, kerana labelnya lebih ketat daripada apa yang diterima saluran
bulk-line-others = { $count } rekod bukan milik anda: hanya yang menerbitkannya boleh mengambilnya semula
bulk-line-gone = { $count } rekod tiada lagi: telah ditarik balik, atau sudah ada yang memutuskan
bulk-line-rights = { $count } rekod: tidak dilakukan, kerana anda tidak lagi berhak melakukannya di sana
bulk-line-refused = { $count } rekod: ditolak
bulk-line-waits = { $count } rekod masih menunggu
bulk-now = Tindakan anda pada banyak rekod
bulk-now-held = bermula pada
