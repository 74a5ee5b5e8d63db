bulk-bar = Halo ba barak dala ida
bulk-page = Hotu { $count } iha pájina ne'e
bulk-all = Hotu ne'ebé tuir, iha pájina hotu
bulk-chosen = Hili ona: { "{" }count{ "}" }
bulk-withdraw = Retira…
bulk-relabel = Muda etiketa…
bulk-download = Hatún hotu ne'ebé tuir, hanesan STIX 2.1
bulk-pick = Hili rejistu ne'e
bulk-waiting-all = Hotu ne'ebé hein Ita, la'ós de'it sira iha pájina ne'e:
bulk-waiting-release = Husik sai hotu…
bulk-waiting-drop = Soe hotu…
bulk-title-withdraw = { $count ->
    [0] La retira buat ida
   *[other] Retira rejistu { $count }
}
bulk-title-relabel = { $count ->
    [0] La muda etiketa ida
   *[other] Muda etiketa hosi rejistu { $count }
}
bulk-title-release = { $count ->
    [0] La husik sai buat ida
   *[other] Husik sai rejistu { $count } ne'ebé hein
}
bulk-title-drop = { $count ->
    [0] La soe buat ida
   *[other] Soe rejistu { $count } ne'ebé hein
}
bulk-about-withdraw = Husu ba ema hotu ne'ebé rai atu hamoos versaun hotu, no sira-nia nodu fó-hatene bainhira hamoos ona. Buat ne'ebé ema kopia ona ba fatin seluk la bele bolu fila.
bulk-about-relabel = Etiketa ne'ebé rigorozu liu vale ba versaun hotu hahú agora. Se etiketa rigorozu liu fali kanál ida permite, rejistu sira retira hosi ne'ebá.
bulk-about-release = Ida-idak publika iha ninia kanál, hanesan Ita husik sai ida-ida.
bulk-about-drop = Ida-idak hamoos bainhira tempu hein remata, no depois la bele fila.
bulk-caption = Kona-ba saida, tuir kanál
bulk-records = Rejistu sira
bulk-who = Sé mak sei husu atu halo hanesan
bulk-who-receives = Sé mak sei simu
bulk-none = La bele halo ba buat ida iha ne'e
bulk-none-text = Haree tanbasá iha kraik. Ita bele retira no muda etiketa ba buat ne'ebé Ita-nia parte rasik publika.
bulk-left-out = Buat ne'ebé husik nafatin
bulk-send = Halo iha minutu rua nia laran
bulk-send-hint = Iha minutu rua nia laran bele anula.
bulk-leave = Husik hotu nafatin
bulk-frozen = Buat ne'ebé hili hatuur ona bainhira halo pájina ne'e: buat ne'ebé to'o agora la tama. Buat ne'ebé hili no la haruka haluha tiha depois oras ida.
bulk-held = Sei halo iha
bulk-held-text = To'o tempu ne'e bele anula, no seidauk akontese buat ida. Hahú iha
bulk-undo = Anula
bulk-running = Halo daudaun
bulk-running-text = Nia la'o rasik, Ita haree ka lae. Hahú ona, tan ne'e la bele anula tan.
bulk-look-again = Haree fali
bulk-look = Haree
bulk-back = Hili fali
bulk-undone = Anula ona. La akontese buat ida ba rejistu { $count } ne'e.
bulk-left = La halo buat ida, no la rai buat ne'ebé hili.
bulk-again = Publika fali buat ruma
bulk-refused-unknown = Ida-ne'e la iha tan: halo ona, husik ona, ka haluha tiha depois oras ida.
bulk-refused-much = La halo buat ida: buat ne'ebé tuir barak liu buat ne'ebé bele hili dala ida, ne'ebé mak rejistu { $count }, ka 1.000 hosi peskiza liafuan. Hamenus pergunta, hanesan tuir tipu, kanál ka autór, no hili fali.
bulk-refused-late = Tarde liu: hahú ona, ka ninia segundu { $seconds } liu ona. Buat ne'ebé retira ona hela nune'e no bele publika fali.
bulk-refused-nothing = La halo buat ida: hili rejistu sira, depois razaun ka etiketa.
bulk-outcome-withdraw = { $count ->
    [0] La retira buat ida.
   *[other] Retira ona rejistu { $count }. Husu ba ema hotu ne'ebé rai atu hamoos. Ida-ne'e la bele anula; bele publika fali.
}
bulk-outcome-relabel = { $count ->
    [0] La muda etiketa ida.
   *[other] Muda ona etiketa hosi rejistu { $count }. Bele muda fali.
}
bulk-outcome-release = { $count ->
    [0] La husik sai buat ida.
   *[other] Husik sai ona rejistu { $count }. Bele retira.
}
bulk-outcome-drop = { $count ->
    [0] La soe buat ida.
   *[other] Soe no hamoos ona rejistu { $count }.
}
bulk-line-done = rejistu { $count }: halo ona
bulk-line-beyond = rejistu { $count }: retira ona, tanba ninia etiketa metin liu buat ne'ebé kanál simu
bulk-line-others = rejistu { $count } la'ós Ita-nian: ema ne'ebé publika de'it mak bele foti fila
bulk-line-gone = rejistu { $count } la iha tan: retira ona, ka ema ida deside tiha ona
bulk-line-rights = rejistu { $count }: la halo, tanba Ita la bele halo tan iha ne'ebá
bulk-line-refused = rejistu { $count }: rekuza
bulk-line-waits = rejistu { $count } sei hein
bulk-now = Buat ne'ebé Ita halo ba rejistu barak
bulk-now-held = hahú iha
