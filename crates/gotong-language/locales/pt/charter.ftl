charter-title = Carta e membros
charter-words-about = O nome desta região. Leiam estas palavras uns aos outros ao telefone: onde todos ouvem as mesmas palavras, todos têm a mesma carta.
charter-founded = Fundada
charter-number = Carta número
charter-voters = Quem a pode mudar
charter-rule = Quantos são precisos
charter-rule-all = todos
charter-rule-some = { $count ->
    [one] pelo menos { $count }
   *[other] pelo menos { $count }
}
charter-grace = Tempo em que um aviso pode ser desconhecido
charter-grace-hours = { $count ->
    [one] { $count } hora
   *[other] { $count } horas
}
charter-download = Descarregar a carta
charter-members = Membros
charter-role-state = Estado
charter-role-partner = Parceiro
charter-role-coordinator = Coordenador
charter-keys = Chaves
charter-keys-about = A chave-raiz de um membro é guardada fora de linha e assina cartas, acordos e avisos. As suas palavras podem ser comparadas de viva voz.
charter-keys-caption = A chave-raiz de cada membro, e o que ela disse por último do nó desse membro
charter-member = Membro
charter-voter = pode mudar a carta
charter-key = Chave-raiz
charter-since = desde a carta número
charter-statement = Chaves e endereços do nó
charter-statement-number = número
charter-statement-none = a chave-raiz não disse qual é o seu nó
charter-said = Participações suspensas ou terminadas
charter-said-none = Nenhum membro suspendeu ou terminou a sua participação, e nenhum saiu.
charter-former = Antigos membros
charter-versions = Versões
charter-versions-caption = A mais recente primeiro
charter-changes = O que mudou
charter-in-force = em vigor
charter-not-yet = ainda não está em vigor
charter-followed = seguida de outra mais recente
charter-waits = espera por assinaturas, ou vale outra com o mesmo número
charter-waits-before = espera pela carta anterior
charter-change-joins = { $name } adere
charter-change-leaves = { $name } sai
charter-change-key = { $name } tem uma nova chave-raiz
charter-change-member = O que se diz de { $name } mudou
charter-change-voters = Mudou quem pode mudar a carta
charter-change-grace = Mudou o tempo em que um aviso pode ser desconhecido
charter-change-name = Mudou o nome da região
charter-house = Regra interna: o que é mostrado às organizações que serve
