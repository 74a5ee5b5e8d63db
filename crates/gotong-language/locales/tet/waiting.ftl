waiting-title = Hein ema ida
waiting-about = Rejistu sira-ne'e haruka ona atu publika, maibé iha buat ruma ne'ebé presiza uluk desizaun hosi ema ida. Ema iha li'ur seidauk haree.
waiting-none = La iha buat ida hein
waiting-none-text = Buat ne'ebé presiza desizaun sei hatudu iha ne'e.
waiting-no-more = La iha tan buat ida hein
waiting-first = Fila ba hahú
waiting-only-look = Ita bele haree. Ofisiál publikasaun nian mak deside.
waiting-caption = Tuan liu uluk
waiting-choose = Hili
waiting-what = Saida
waiting-why = Tanbasá hein
waiting-all-shown = Hotu { $count } ne'ebé hatudu iha ne'e
waiting-release = Husik sai buat ne'ebé hili
waiting-drop = Soe buat ne'ebé hili
waiting-decide-about = Buat ne'ebé husik sai publika kedas iha ninia kanál. Buat ne'ebé soe hamoos ona no la bele fila.
waiting-next = Tan
waiting-one-title = Hein, númeru
waiting-sender = Haruka hosi
waiting-contents = Ninia konteúdu
waiting-release-one = Husik sai
waiting-drop-one = Soe
waiting-nothing-chosen = La halo buat ida: la hili buat ida.
waiting-onward = Buat ne'ebé sei hein
waiting-released = { $count ->
    [0] La husik sai buat ida.
   *[other] Husik sai ona rejistu { $count }.
}
waiting-dropped = { $count ->
    [0] La soe buat ida.
   *[other] Soe ona rejistu { $count }.
}
waiting-line-released = publika ona
waiting-line-known = publika tiha ona uluk
waiting-line-refused = rekuza; sei hein iha ne'e
waiting-line-waits = sei hein
waiting-line-dropped = soe no hamoos ona
waiting-line-gone = la hein ona: ema ida deside tiha ona
