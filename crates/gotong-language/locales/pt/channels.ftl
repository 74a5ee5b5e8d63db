channels-title = Canais
channels-about = Um canal é onde os membros partilham. Vê aqui os que pode ler.
channels-caption = Por nome
channels-none = Nenhum canal está aberto para si
channels-none-text = Um canal abre quando entra em vigor um acordo que o nomeia.
channels-governing = Onde circulam as próprias regras
channels-governing-about = Nestes canais, os membros comunicam entre si cartas, acordos e avisos. Ninguém publica neles à mão.
channels-governing-caption = Canais da carta e dos acordos
channels-ceiling = Etiqueta mais estrita
channels-audience = Quem lê
channels-agreement = Acordo
channels-state = Estado
channels-exercise = exercício
channels-in-force = em vigor
channels-not-in-force = não está em vigor
channels-may-publish = pode publicar
channels-share = Partilhar aqui
channels-intelligence = O que está neste canal
channels-rules = As regras aqui
channels-readers = Quem lê
channels-writers = Quem escreve
channels-publish = Publicação
channels-publish-yes = Pode publicar aqui.
channels-publish-no = De momento não pode publicar aqui.
channels-kinds = Tipos de registos
channels-onward = Transmissão a outros
channels-onward-none = não além da parte que o recebeu
channels-onward-constituents = às entidades servidas pela própria parte
channels-onward-public = a qualquer pessoa
channels-personal = Dados pessoais
channels-personal-none = nenhuns podem ser publicados
channels-personal-pseudonymised = só sob pseudónimo
channels-personal-permitted = permitidos
channels-retention = Conservação
channels-retention-none = sem limite
channels-retention-days = { $count ->
    [one] { $count } dia, depois apagado
   *[other] { $count } dias, depois apagado
}
channels-backlog = Quem chega de novo encontra
channels-backlog-all = tudo desde o início
channels-backlog-none = só o que vem depois da sua entrada
channels-exit = Quando termina a participação de um membro
channels-exit-keep = o que foi recebido é guardado
channels-exit-freeze = o que foi recebido continua legível, mas não é transmitido nem exportado
channels-exit-erase = cada lado apaga o que recebeu
channels-legal = Base legal
channels-from = De
channels-until = Até
channels-until-none = novo aviso
channels-duties = O que tem de ser feito, e o que não pode
channels-everybody = Todos
channels-duty-acknowledge = acusar a receção
channels-duty-answer = responder
channels-duty-notify = informar as outras partes
channels-duty-delete = apagar
channels-within-minutes = { $count ->
    [one] no prazo de { $count } minuto
   *[other] no prazo de { $count } minutos
}
channels-within-hours = { $count ->
    [one] no prazo de { $count } hora
   *[other] no prazo de { $count } horas
}
channels-within-days = { $count ->
    [one] no prazo de { $count } dia
   *[other] no prazo de { $count } dias
}
channels-forbidden-publish = Não pode ser publicado
channels-forbidden-read = Não pode ser lido
channels-forbidden-onward = Não pode ser transmitido
channels-clauses = As cláusulas em que assenta
channels-turns = O que vai mudar
channels-turns-none = Nada do que se conhece vai mudar aqui.
channels-turn-nobody = Ninguém ganha nem perde direitos com isso.
channels-logs = Registos de canais
channels-logs-caption = Um para cada autor e história
channels-logs-none = Ainda ninguém escreveu aqui
channels-logs-none-text = A primeira entrada abre um registo do canal.
channels-entries = Entradas
channels-origin = Nome do registo do canal
channels-log-whole = completo
channels-log-withheld = { $count ->
    [one] o conteúdo de { $count } entrada não chegou
   *[other] o conteúdo de { $count } entradas não chegou
}
channels-log-stopped = não se mostra a partir da entrada { $index }: é preciso um programa mais recente, ou a sua abertura tem um defeito
channels-withdrawals = Retirados
channels-withdrawals-none = Nada foi retirado aqui.
channels-withdrawals-caption = Quem apagou o que foi retirado
channels-withdrawals-more = Há mais do que aqui se mostra.
channels-range = Entradas
channels-erased = Dizem que apagaram
channels-erased-not = Não o disseram
