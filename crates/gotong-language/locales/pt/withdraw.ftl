withdraw-title = Retirar
withdraw-text = Pede-se a cada detentor que apague todas as versões, e os seus nós dizem quando o fizeram. O que alguém copiou para outro lugar não pode ser recuperado.
withdraw-relabel-title = Mudar a etiqueta
withdraw-relabel-text = Uma etiqueta mais estrita obriga todas as versões a partir de agora. Se for mais estrita do que um canal permite, o objeto é aí retirado.
withdraw-where = Onde
withdraw-asked = O pedido vai para:
withdraw-reason = Porquê
withdraw-reason-error = Estava errado
withdraw-reason-agreement = Um acordo exige-o
withdraw-reason-legal = A lei exige-o
withdraw-reason-personal-data = Contém dados pessoais
withdraw-reason-request = Alguém o pediu
withdraw-reason-other = Outra razão
withdraw-act = Retirar
withdraw-leave = Deixar como está
withdraw-new-label = Nova etiqueta
withdraw-relabel-act = Mudar
withdraw-now = De imediato, sem volta atrás
withdraw-parts = Retirar também o que ele nomeia e nada mais nomeia
withdraw-parts-stay = O que ele nomeia mantém as suas etiquetas: mude-as à parte.
withdraw-nothing-chosen = Nada foi feito: escolha onde, e a razão ou a etiqueta.
withdraw-again = Escolher de novo
withdraw-onward = Todos os registos
withdraw-listed = O que foi lá retirado, e quem o apagou
withdraw-line-done = feito; o pedido foi enviado aos detentores
withdraw-line-none = não há aí nada seu
withdraw-line-refused = não foi feito
withdraw-outcome-withdraw = { $entries ->
    [0] Nada foi retirado.
    [one] { $entries } entrada foi retirada. Pede-se a cada detentor que a apague.
   *[other] { $entries } entradas foram retiradas. Pede-se a cada detentor que as apague.
}
withdraw-outcome-relabel = { $entries ->
    [0] Nenhuma etiqueta foi mudada.
    [one] A etiqueta de { $entries } entrada foi mudada.
   *[other] As etiquetas de { $entries } entradas foram mudadas.
}
withdraw-reason-superseded = Algo mais recente ocupa o seu lugar
withdraw-reason-source-request = A sua fonte pediu-o
withdraw-reason-privacy = Diz demasiado sobre alguém
withdraw-reason-retention = Terminou o tempo em que se pode guardar
withdraw-reason-relabelled = A sua etiqueta mudou para além do que o canal aceita
