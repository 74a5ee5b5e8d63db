bulk-bar = Agir sobre vários de uma vez
bulk-page = { $count ->
    [one] O único desta página ({ $count })
   *[other] Os { $count } desta página
}
bulk-all = Todos os que correspondem, em todas as páginas
bulk-chosen = Escolhidos: { "{" }count{ "}" }
bulk-withdraw = Retirar…
bulk-relabel = Mudar a etiqueta…
bulk-download = Descarregar tudo o que corresponde, em STIX 2.1
bulk-pick = Escolher este registo
bulk-waiting-all = Tudo o que espera por si, e não só o desta página:
bulk-waiting-release = Divulgar tudo…
bulk-waiting-drop = Abandonar tudo…
bulk-title-withdraw = { $count ->
    [0] Não retirar nada
    [one] Retirar { $count } registo
   *[other] Retirar { $count } registos
}
bulk-title-relabel = { $count ->
    [0] Não mudar nenhuma etiqueta
    [one] Mudar a etiqueta de { $count } registo
   *[other] Mudar a etiqueta de { $count } registos
}
bulk-title-release = { $count ->
    [0] Não divulgar nada
    [one] Divulgar { $count } registo à espera
   *[other] Divulgar { $count } registos à espera
}
bulk-title-drop = { $count ->
    [0] Não abandonar nada
    [one] Abandonar { $count } registo à espera
   *[other] Abandonar { $count } registos à espera
}
bulk-about-withdraw = Pede-se a cada detentor que apague todas as versões, e os seus nós dizem quando o fizeram. O que alguém copiou para outro lugar não pode ser recuperado.
bulk-about-relabel = Uma etiqueta mais estrita obriga todas as versões a partir de agora. Se for mais estrita do que um canal permite, os registos são aí retirados.
bulk-about-release = Cada um é publicado no seu canal, como se o divulgasse em separado.
bulk-about-drop = Cada um é apagado quando o prazo termina, e depois já não pode ser recuperado.
bulk-caption = O que é abrangido, por canal
bulk-records = Registos
bulk-who = A quem se pede que faça o mesmo
bulk-who-receives = Quem os vai receber
bulk-none = Nada disto permite esta ação
bulk-none-text = A razão está abaixo. Pode retirar o que o seu próprio lado publicou, e mudar-lhe a etiqueta.
bulk-left-out = O que fica como está
bulk-send = Executar dentro de dois minutos
bulk-send-hint = Durante dois minutos pode ser anulado.
bulk-leave = Deixar tudo como está
bulk-frozen = O que foi escolhido ficou fixado quando esta página foi criada: o que chegar agora não é incluído. Uma escolha que não é enviada é esquecida ao fim de uma hora.
bulk-held = Será feito dentro de
bulk-held-text = Até lá pode ser anulado, e nada aconteceu a nenhum deles. Começa às
bulk-undo = Anular
bulk-running = Está a ser feito
bulk-running-text = Continua por si, quer esteja a ver quer não. Já começou, por isso não pode ser anulado.
bulk-look-again = Ver de novo
bulk-look = Ver
bulk-back = Escolher de novo
bulk-undone = { $count ->
    [one] Anulado. Nada aconteceu a { $count } registo escolhido.
   *[other] Anulado. Nada aconteceu aos { $count } registos escolhidos.
}
bulk-left = Nada foi feito, e nada da escolha é guardado.
bulk-again = Publicar algo de novo
bulk-refused-unknown = Isto já não existe: foi feito, deixado, ou esquecido ao fim de uma hora.
bulk-refused-much = Nada foi feito: há mais correspondências do que se pode escolher de uma vez, que são { $count } registos, ou 1000 numa procura de palavras. Restrinja a pergunta, por exemplo por tipo, canal ou autor, e escolha de novo.
bulk-refused-late = É demasiado tarde: já começou, ou os seus { $seconds } segundos passaram. O que foi retirado continua retirado e pode ser publicado de novo.
bulk-refused-nothing = Nada foi feito: escolha registos, e depois uma razão ou uma etiqueta.
bulk-outcome-withdraw = { $count ->
    [0] Nada foi retirado.
    [one] { $count } registo foi retirado. Pede-se a cada detentor que o apague. Isto não pode ser anulado; o registo pode ser publicado de novo.
   *[other] { $count } registos foram retirados. Pede-se a cada detentor que os apague. Isto não pode ser anulado; os registos podem ser publicados de novo.
}
bulk-outcome-relabel = { $count ->
    [0] Nenhuma etiqueta foi mudada.
    [one] A etiqueta de { $count } registo foi mudada. Pode ser mudada de novo.
   *[other] As etiquetas de { $count } registos foram mudadas. Podem ser mudadas de novo.
}
bulk-outcome-release = { $count ->
    [0] Nada foi divulgado.
    [one] { $count } registo foi divulgado. Pode ser retirado.
   *[other] { $count } registos foram divulgados. Podem ser retirados.
}
bulk-outcome-drop = { $count ->
    [0] Nada foi abandonado.
    [one] { $count } registo foi abandonado e apagado.
   *[other] { $count } registos foram abandonados e apagados.
}
bulk-line-done = { $count ->
    [one] { $count } registo: feito
   *[other] { $count } registos: feito
}
bulk-line-beyond = { $count ->
    [one] { $count } registo: retirado, porque a sua etiqueta é mais estrita do que o canal aceita
   *[other] { $count } registos: retirados, porque a sua etiqueta é mais estrita do que o canal aceita
}
bulk-line-others = { $count ->
    [one] { $count } registo não é seu: só quem o publicou o pode retirar
   *[other] { $count } registos não são seus: só quem os publicou os pode retirar
}
bulk-line-gone = { $count ->
    [one] { $count } registo já não existe: foi retirado, ou alguém já decidiu
   *[other] { $count } registos já não existem: foram retirados, ou alguém já decidiu
}
bulk-line-rights = { $count ->
    [one] { $count } registo: não foi feito, porque aí já não tem esse direito
   *[other] { $count } registos: não foi feito, porque aí já não tem esse direito
}
bulk-line-refused = { $count ->
    [one] { $count } registo: recusado
   *[other] { $count } registos: recusados
}
bulk-line-waits = { $count ->
    [one] { $count } registo ainda à espera
   *[other] { $count } registos ainda à espera
}
bulk-now = O que está a fazer a vários registos
bulk-now-held = começa às
