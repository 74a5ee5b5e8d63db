withdraw-title = Retira
withdraw-text = Husu ba ema hotu ne'ebé rai atu hamoos versaun hotu, no sira-nia nodu fó-hatene bainhira hamoos ona. Buat ne'ebé ema kopia ona ba fatin seluk la bele bolu fila.
withdraw-relabel-title = Muda etiketa
withdraw-relabel-text = Etiketa ne'ebé rigorozu liu vale ba versaun hotu hahú agora. Se etiketa rigorozu liu fali kanál ida permite, objetu ne'e retira hosi ne'ebá.
withdraw-where = Iha ne'ebé
withdraw-asked = Sei husu ba:
withdraw-reason = Tanbasá
withdraw-reason-error = Buat ne'e sala
withdraw-reason-agreement = Akordu ida ezije
withdraw-reason-legal = Lei ezije
withdraw-reason-personal-data = Iha dadus pesoál
withdraw-reason-request = Ema ida husu
withdraw-reason-other = Razaun seluk
withdraw-act = Retira
withdraw-leave = Husik nafatin
withdraw-new-label = Etiketa foun
withdraw-relabel-act = Muda
withdraw-now = Kedas, la bele anula
withdraw-parts = Retira mós buat ne'ebé nia temi no buat seluk la temi
withdraw-parts-stay = Buat ne'ebé nia temi nafatin ho nia etiketa rasik: muda keta-ketak.
withdraw-nothing-chosen = La halo buat ida: hili iha ne'ebé, no tanbasá ka etiketa saida.
withdraw-again = Hili fali
withdraw-onward = Rejistu hotu
withdraw-listed = Buat ne'ebé retira iha ne'ebá, no sé mak hamoos ona
withdraw-line-done = halo ona; husu ona ba sira ne'ebé rai
withdraw-line-none = la iha Ita-nia buat iha ne'ebá
withdraw-line-refused = la halo
withdraw-outcome-withdraw = { $entries ->
    [0] La retira buat ida.
   *[other] Retira ona entrada { $entries }. Husu ba ema hotu ne'ebé rai atu hamoos.
}
withdraw-outcome-relabel = { $entries ->
    [0] La muda etiketa ida.
   *[other] Muda ona etiketa hosi entrada { $entries }.
}
withdraw-reason-superseded = Buat foun liu troka ona
withdraw-reason-source-request = Ninia fonte husu
withdraw-reason-privacy = Nia dehan barak liu kona-ba ema ida
withdraw-reason-retention = Tempu atu rai remata ona
withdraw-reason-relabelled = Ninia etiketa muda liu buat ne'ebé kanál simu
