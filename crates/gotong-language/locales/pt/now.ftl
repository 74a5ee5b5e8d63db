now-title = Agora
now-waits = O que espera por si
now-nothing-waits = Nada espera por si.
now-nothing-waits-text = Aqui figuram os deveres com prazo e os registos que precisam da decisão de uma pessoa.
now-quarantine = À espera de decisão
now-quarantine-text = Registos retidos pela política ou por uma lista de avisos.
now-overdue = em atraso desde
now-due = prazo
now-members = A região
now-here = este nó
now-connected = ligado
now-dialling = a ligar
now-idle = nada partilhado
now-unreachable = inacessível
now-news = Novidades
now-news-caption = Os registos mais recentes que pode ver: o que chegou por último vem primeiro.
now-new-pill = { "{" }count{ "}" } novos: mostrar
now-no-news = Ainda não chegou nada.
now-no-news-next = Partilhar algo
now-all = Todos os registos
now-trouble-next = O que se pode fazer está na página “Operação”.
now-restored = Este nó foi restaurado a partir de uma cópia mais antiga e nada publica até que uma pessoa o autorize.
now-behind = { $count ->
    [one] { $count } registo ainda não pode ser procurado: o nó está a tratar dele.
   *[other] { $count } registos ainda não podem ser procurados: o nó está a tratar deles.
}
now-silent-store = O armazenamento não responde.
