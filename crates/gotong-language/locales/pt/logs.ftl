logs-title = Registos de canais
logs-about = Cada autor tem em cada canal um registo próprio. Verificar é ler de novo esse registo desde a primeira entrada e comparar tudo com o que o autor assinou.
logs-count = { $count ->
    [one] { $count } registo de canal
   *[other] { $count } registos de canais
}
logs-none = Ainda não há registos de canais.
logs-none-next = Aparecem com o primeiro acordo.
logs-verify = Verificar
logs-verify-all = Verificar tudo
logs-archive = Arquivo
logs-archive-channel = Arquivo deste canal
logs-archive-all = Arquivo de tudo
logs-running = Uma verificação está em curso
logs-caption = O valor longo sob cada autor é a raiz do registo do canal.
logs-author = Autor
logs-entries = Entradas
logs-signed = Assinado até
logs-newest = Última entrada chegou
logs-acts = Verificar ou guardar
logs-proof = a sua prova
logs-withheld = { $count ->
    [one] { $count } conteúdo não chegou
   *[other] { $count } conteúdos não chegaram
}
logs-stopped = Não se mostra a partir da entrada { $index }: é preciso um programa mais recente
logs-verifying = A verificar
logs-verifying-all = Todos os registos de canais, todos os índices e a base de dados.
logs-verifying-about = Pode sair desta página: o resultado fica consigo. Entretanto o nó continua.
logs-far = Entradas lidas
logs-look-again = Ver de novo
logs-busy = Já decorrem tantas tarefas longas quantas podem decorrer ao mesmo tempo. Tente de novo dentro de um minuto.
logs-gone = Este registo do canal já não está aqui.
logs-back = Voltar aos registos de canais
logs-sound = Tudo íntegro. Registos de canais lidos: { $logs }. Entradas lidas: { $entries }.
logs-unsound = Não está íntegro. Constatações: { $findings }. Registos de canais lidos: { $logs }. Entradas lidas: { $entries }.
logs-finding = Constatado:
logs-note = Não examinado:
