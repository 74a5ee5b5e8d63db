waiting-title = À espera de uma pessoa
waiting-about = Estes registos foram enviados para publicação, e algo neles pede primeiro a decisão de uma pessoa. Ninguém de fora os vê ainda.
waiting-none = Nada está à espera
waiting-none-text = O que pedir uma decisão aparecerá aqui.
waiting-no-more = Nada mais está à espera
waiting-first = Voltar ao início
waiting-only-look = Pode consultar. A decisão cabe a um oficial de divulgação.
waiting-caption = Os mais antigos primeiro
waiting-choose = Escolher
waiting-what = O quê
waiting-why = Porque está à espera
waiting-all-shown = { $count ->
    [one] O que aqui se mostra ({ $count })
   *[other] Os { $count } que aqui se mostram
}
waiting-release = Divulgar os escolhidos
waiting-drop = Abandonar os escolhidos
waiting-decide-about = O que se divulga é logo publicado no seu canal. O que se abandona é apagado e não pode ser recuperado.
waiting-next = Mais
waiting-one-title = À espera, número
waiting-sender = Enviado por
waiting-contents = O que diz
waiting-release-one = Divulgar
waiting-drop-one = Abandonar
waiting-nothing-chosen = Nada foi feito: nada foi escolhido.
waiting-onward = O que ainda está à espera
waiting-released = { $count ->
    [0] Nada foi divulgado.
    [one] { $count } registo foi divulgado.
   *[other] { $count } registos foram divulgados.
}
waiting-dropped = { $count ->
    [0] Nada foi abandonado.
    [one] { $count } registo foi abandonado.
   *[other] { $count } registos foram abandonados.
}
waiting-line-released = publicado
waiting-line-known = já estava publicado
waiting-line-refused = recusado; continua aqui à espera
waiting-line-waits = ainda à espera
waiting-line-dropped = abandonado e apagado
waiting-line-gone = já não está à espera: alguém já decidiu
