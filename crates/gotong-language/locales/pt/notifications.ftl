notifications-title = Notificações
notifications-choose = Pesquisas guardadas, e como é avisado
notifications-none = Ainda não foi avisado de nada.
notifications-none-text = Guarde uma pesquisa e escolha como quer ser avisado do que ela encontra.
notifications-caption = Aquilo de que foi avisado, o mais recente primeiro. Os mais antigos saem quando há 200.
notifications-what = O que há de novo
notifications-mark = Lido
notifications-read = lido
notifications-read-one = Marcar como lido
notifications-read-all = Marcar tudo como lido
notifications-waits-go = Ver o que está à espera
notifications-bell = { $count ->
    [one] { $count } notificação por ler
   *[other] { $count } notificações por ler
}
notifications-found = { $count ->
    [one] { $count } novo registo
   *[other] { $count } novos registos
}
notifications-waits-duties = { $count ->
    [one] Chegou o prazo de { $count } dever seu.
   *[other] Chegou o prazo de { $count } deveres seus.
}
notifications-waits-records = { $count ->
    [one] { $count } registo espera por uma decisão.
   *[other] { $count } registos esperam por uma decisão.
}
notifications-waits-second = { $count ->
    [one] { $count } partilha espera por uma segunda pessoa.
   *[other] { $count } partilhas esperam por uma segunda pessoa.
}
notifications-mail-code-title = O seu código
notifications-mail-code = Alguém, esperamos que a própria pessoa, pediu que o correio eletrónico do Gotong viesse para este endereço. Introduza este código nas suas pesquisas guardadas no prazo de uma hora:
notifications-mail-code-not-you = Se não foi quem pediu, não faça nada: não virá mais nenhuma mensagem.
notifications-mail-found = { $count ->
    [one] { $count } novo registo numa pesquisa sua
   *[other] { $count } novos registos numa pesquisa sua
}
notifications-mail-above = Há algo novo até { $label }: inicie sessão para ver
notifications-mail-waits = { $count ->
    [one] { $count } coisa espera por si
   *[other] { $count } coisas esperam por si
}
notifications-mail-foot = Pediu esta mensagem a { $node }. Escolhe o que recebe nas suas pesquisas guardadas.
notifications-unread-one = Marcar de novo como não lido
notifications-marked-one = Marcado como lido.
notifications-unmarked-one = De novo por ler.
notifications-undo-one = Anular
notifications-marked = { $count ->
    [one] { $count } notificação foi marcada como lida
   *[other] { $count } notificações foram marcadas como lidas
}
notifications-none-marked = Todas as notificações já estavam lidas
notifications-undo = { $count ->
    [one] Anular: marcar { $count } de novo como não lida
   *[other] Anular: marcar estas { $count } de novo como não lidas
}
notifications-unmarked = { $count ->
    [one] { $count } notificação está de novo por ler
   *[other] { $count } notificações estão de novo por ler
}
notifications-none-unmarked = Nada foi marcado: já estão por ler, ou já não existem
notifications-back = Voltar às notificações
