waiting-title = Naghihintay ng pasya ng tao
waiting-about = Ipinadala ang mga rekord na ito upang ilathala, at may bagay sa mga ito na kailangan munang pagpasiyahan ng tao. Wala pang nakakakita nito sa labas.
waiting-none = Walang naghihintay
waiting-none-text = Dito ilalagay ang nangangailangan ng pasya.
waiting-no-more = Wala nang naghihintay
waiting-first = Bumalik sa simula
waiting-only-look = Maaari kang tumingin. Ang opisyal sa pagpapalabas ang nagpapasya.
waiting-caption = Pinakaluma muna
waiting-choose = Piliin
waiting-what = Ano
waiting-why = Bakit ito naghihintay
waiting-all-shown = Lahat ng { $count } na ipinapakita rito
waiting-release = Ilabas ang mga napili
waiting-drop = Itapon ang mga napili
waiting-decide-about = Ang inilabas ay agad na ilalathala sa channel nito. Ang itinapon ay buburahin at hindi na maibabalik.
waiting-next = Higit pa
waiting-one-title = Naghihintay, bilang
waiting-sender = Ipinadala ni
waiting-contents = Ang sinasabi nito
waiting-release-one = Ilabas
waiting-drop-one = Itapon
waiting-nothing-chosen = Walang ginawa: walang napili.
waiting-onward = Ang naghihintay pa
waiting-released = { $count ->
    [0] Walang inilabas.
   *[other] { $count } rekord ang inilabas.
}
waiting-dropped = { $count ->
    [0] Walang itinapon.
   *[other] { $count } rekord ang itinapon.
}
waiting-line-released = nailathala
waiting-line-known = nailathala na dati
waiting-line-refused = tinanggihan; naghihintay pa rin dito
waiting-line-waits = naghihintay pa
waiting-line-dropped = itinapon at binura
waiting-line-gone = hindi na naghihintay: may nagpasya na
